"""Lines too short to be wrapped text are lines of their own, in every script."""
# ruff: noqa: E501 - lines of text stand as they are

from colbert_explain.text.sentences import sentence_spans

LISTS = {
    "words": ["amber", "birch", "cedar", "dune", "ember", "fjord"],
    "words as long as each other": ["cat", "dog", "cow", "pig", "hen", "ant"],
    "two words a line": ["grove heath", "islet jetty", "amber birch", "fjord dune"],
    "one or two words, once three": ["cat", "a big dog", "fish", "small bird", "ant"],
    "addresses of pages": [
        *("https://example.org/amber/0", "http://www.example.com/page?id=3"),
        *("https://docs.python.org/3/library", "ftp://files.net/pub"),
    ],
    "two addresses of pages": ["https://example.org/amber", "https://example.org/birch"],
    "names of hosts": ["example.com", "python.org", "a.co.uk", "wikipedia.org"],
    "addresses of people": ["ann@example.com", "bob.smith@python.org", "c@d.co"],
    "paths": ["/usr/bin/python", "/etc/passwd", "/home/ann/notes.txt", "/var/log/syslog"],
    "paths of Windows": ["C:\\docs\\a.txt", "C:\\docs\\b.txt", "D:\\x"],
    "names in a program": ["load_encoder", "rank", "explain", "Explanation", "to_frame"],
    "numbers": ["12", "1500", "3.5", "17", "99"],
    "digests": ["d41d8cd98f00b204", "9e107d9d372bb682", "e4d909c290d0fb1c"],
    "Chinese words": ["大象", "猫", "狗", "鸟儿", "蜜蜂"],
    "two Chinese lines": ["大象吃草", "猫吃鱼"],
    "Chinese titles": ["大象的食物与水源研究", "猫的睡眠与捕食行为", "狗在夜间吠叫的原因"],
    "a Chinese poem": ["床前明月光", "疑是地上霜", "举头望明月", "低头思故乡"],
    "Chinese lines of any length": [
        *("大象是一种大型哺乳动物生活在草原上", "它们吃草和树皮", "猫吃鱼"),
        *("狗在夜里对着月亮叫然后睡觉到天亮才醒", "鸟在冬天之前飞到南方去"),
    ],
    "Japanese": ["象", "猫は魚を食べる", "犬は骨", "鳥は種を食べて南へ飛ぶ", "蜂"],
    "Thai": ["ช้างกินหญ้า", "แมวกินปลา", "หมาชอบกระดูก", "นกกินเมล็ดพืช"],
    "Korean": ["코끼리", "고양이는 생선을", "개", "새는 씨앗을 먹는다"],
}
PROSE = {
    "Chinese": "大象是一种大型哺乳动物，它们生活在非洲和亚洲的草原和森林里。它们吃草和树皮，也喝很多水。"  # noqa: RUF001
    "在旱季里象群沿着古老的道路走这些道路是最老的母象从年轻的时候就记得的。到了河边以后，它们洗澡、挖盐。",  # noqa: RUF001
    "Japanese": "象は大型の哺乳類で、アフリカとアジアの草原や森に住んでいます。草や樹皮を食べ、水をたくさん飲みます。"
    "乾季には群れは古い道をたどりますが、その道は最も年をとった雌が若いころから覚えているものです。",
}


def cut(text):
    return [text[start:end] for start, end in sentence_spans(text)]


def test_each_line_of_a_list_of_short_lines_is_a_passage():
    for what, lines in LISTS.items():
        for newline in ("\n", "\r\n"):
            assert cut(newline.join(lines)) == lines, what


def wrapped(text, width):
    """Break a text without blanks; a stop does not begin a line."""
    lines, start = [], 0
    while start < len(text):
        end = start + width
        while text[end : end + 1] and text[end] in "，。、":  # noqa: RUF001
            end -= 1
        lines.append(text[start:end])
        start = end
    return "\n".join(lines)


def test_wrapped_prose_without_blanks_is_read_as_prose():
    for what, text in PROSE.items():
        for width in (*range(13, 50), 70):
            found = ["".join(part.split()) for part in cut(wrapped(text, width))]
            assert found == cut(text), (what, width)
