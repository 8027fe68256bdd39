import json
import math
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch.nn.functional import normalize
from torch.utils._python_dispatch import TorchDispatchMode

from colbert_explain.encoders.jina_bert import attention as alibi_attention
from colbert_explain.encoders.jina_bert import model as jina_bert
from colbert_explain.encoders.jina_bert.attention import alibi_slopes, alibi_strip, attend
from colbert_explain.encoders.jina_bert.config import JinaBertConfig, is_jina_bert
from colbert_explain.encoders.jina_bert.model import JinaBertModel, load_jina_bert

DATA = Path(__file__).parents[2] / "data" / "jinabert"
CHECKPOINTS = ("h6l3", "h12l2")
CASES = ("short", "one", "mid", "toktype", "padded", "query_maskaug", "long2304")
CONFIG = json.loads((DATA / "h6l3" / "config.json").read_text())


@pytest.fixture(params=CHECKPOINTS)
def checkpoint(request):
    return DATA / request.param


@pytest.fixture
def copied(tmp_path):
    """A copy of h6l3 to be damaged: its folder, and its weights as a dictionary."""
    shutil.copytree(DATA / "h6l3", tmp_path, dirs_exist_ok=True)
    weights = load_file(tmp_path / "model.safetensors")  # views of the file, which tests rewrite
    return tmp_path, {name: weight.clone() for name, weight in weights.items()}


@pytest.fixture
def random_model():
    """Build a model with weights large enough that every part of the arithmetic shows."""

    def build(**settings):
        torch.manual_seed(0)
        model = JinaBertModel(JinaBertConfig.from_dict(CONFIG | settings)).eval()
        for parameter in model.parameters():
            torch.nn.init.normal_(parameter, std=0.3)
        return model.requires_grad_(False)

    return build


def projection(checkpoint):
    separate = checkpoint / "linear.safetensors"
    file = separate if separate.exists() else checkpoint / "model.safetensors"
    return load_file(file)["linear.weight"]


def inputs_of(expected, case):
    names = ("input_ids", "attention_mask", "token_type_ids")
    return {name: expected[f"{case}.{name}"] for name in names if f"{case}.{name}" in expected}


def ids_of(*shape):
    return torch.randint(0, 1024, shape, generator=torch.Generator().manual_seed(1))


def written_out(model, ids, attention_mask):
    """The same encoder from its formulas, in float64, every matrix in full."""
    weights = {name: weight.double() for name, weight in model.state_dict().items()}
    heads, width = model.config.num_attention_heads, model.config.hidden_size

    def linear(name, x):
        return x @ weights[f"{name}.weight"].T + weights.get(f"{name}.bias", 0)

    def norm(name, x):
        x = x - x.mean(-1, keepdim=True)
        x = x / (x.pow(2).mean(-1, keepdim=True) + model.config.layer_norm_eps).sqrt()
        return x * weights[f"{name}.weight"] + weights[f"{name}.bias"]

    def gate(x):
        if model.config.feed_forward_type == "reglu":
            return x.clamp(min=0)
        return x * (1 + torch.erf(x / math.sqrt(2))) / 2

    words = weights["embeddings.word_embeddings.weight"][ids]
    x = norm("embeddings.LayerNorm", words + weights["embeddings.token_type_embeddings.weight"][0])
    place = torch.arange(ids.shape[1])
    distance = (place[:, None] - place).abs()
    bias = -torch.tensor(alibi_slopes(heads), dtype=torch.float64)[:, None, None] * distance
    for number in range(model.config.num_hidden_layers):
        layer = f"encoder.layer.{number}"
        q, k, v = (
            linear(f"{layer}.attention.self.{name}", x)
            .unflatten(-1, (heads, width // heads))
            .transpose(1, 2)
            for name in ("query", "key", "value")
        )
        scores = q @ k.transpose(2, 3) / math.sqrt(width // heads) + bias
        scores += (attention_mask[:, None, None] == 0) * torch.finfo(torch.float32).min
        context = (scores.softmax(-1) @ v).transpose(1, 2).flatten(2)
        output = f"{layer}.attention.output"
        x = norm(f"{output}.LayerNorm", linear(f"{output}.dense", context) + x)
        a, b = linear(f"{layer}.mlp.gated_layers", x).chunk(2, dim=-1)
        x = norm(f"{layer}.mlp.layernorm", linear(f"{layer}.mlp.wo", gate(a) * b) + x)
    return x


class LargestTensor(TorchDispatchMode):
    """Notes the largest storage that any operation of torch returns."""

    bytes = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        for tensor in result if isinstance(result, tuple | list) else [result]:
            if isinstance(tensor, torch.Tensor):
                self.bytes = max(self.bytes, tensor.untyped_storage().nbytes())
        return result


@pytest.mark.parametrize("case", CASES)
def test_outputs_are_those_of_the_reference(checkpoint, case):
    expected = load_file(checkpoint / "expected.safetensors")
    inputs = inputs_of(expected, case)
    hidden = load_jina_bert(checkpoint)(**inputs).last_hidden_state
    vectors = normalize(hidden @ projection(checkpoint).T, dim=-1)
    wanted = expected[f"{case}.last_hidden_state"], expected[f"{case}.token_vectors"]
    if case == "long2304":
        places = expected["long2304.keep_positions"]
        hidden, vectors = hidden[:, places], vectors[:, places]
    if case == "padded":  # what stands at the padding itself means nothing
        real = inputs["attention_mask"].bool()
        hidden, vectors, *wanted = (array[real] for array in (hidden, vectors, *wanted))
    torch.testing.assert_close(hidden, wanted[0], atol=1e-4, rtol=0)
    torch.testing.assert_close(vectors, wanted[1], atol=2e-5, rtol=0)


def test_every_hidden_layer_is_that_of_the_reference(checkpoint):
    expected = load_file(checkpoint / "expected.safetensors")
    model = load_jina_bert(checkpoint)
    states = model(expected["short.input_ids"], output_hidden_states=True).hidden_states
    assert len(states) == model.config.num_hidden_layers + 1
    for number, state in enumerate(states):
        torch.testing.assert_close(state, expected[f"short.hidden_{number}"], atol=1e-4, rtol=0)
    assert model(expected["short.input_ids"]).hidden_states is None


def test_slopes_and_bias_are_those_of_the_reference(checkpoint):
    expected = load_file(checkpoint / "expected.safetensors")
    heads = len(expected["alibi.slopes"])
    torch.testing.assert_close(torch.tensor(alibi_slopes(heads)), expected["alibi.slopes"])
    strip = alibi_strip(heads, 8)
    view = strip.as_strided((heads, 8, 8), (15, 1, 1))  # keys in reversed order
    torch.testing.assert_close(view.flip(2), expected["alibi.corner8"])


@pytest.mark.parametrize(("heads", "last"), [(1, 2**-8), (2, 2**-8), (8, 2**-8), (3, 2**-2)])
def test_slopes_for_other_numbers_of_heads(heads, last):
    slopes = alibi_slopes(heads)
    assert len(slopes) == heads
    assert slopes[-1] == last


@pytest.mark.parametrize("heads", [1, 3, 8])
@pytest.mark.parametrize("feed_forward_type", ["geglu", "reglu"])
def test_the_formulas_written_out_give_the_same(random_model, feed_forward_type, heads):
    model = random_model(feed_forward_type=feed_forward_type, num_attention_heads=heads)
    ids, mask = ids_of(4, 50), torch.ones(4, 50, dtype=torch.long)
    mask[0, :20] = 0  # padded on the left,
    mask[1, 5:9] = 0  # in the middle,
    mask[2] = 0  # everywhere: the reference then attends to all alike, and not at all
    for attention_mask in (torch.ones_like(mask), mask, mask.bool()):
        found = model(ids, attention_mask).last_hidden_state
        wanted = written_out(model, ids, attention_mask)
        torch.testing.assert_close(found.double(), wanted, atol=1e-4, rtol=0)


def test_sizes_of_the_pieces_do_not_show(random_model, monkeypatch):
    model, ids = random_model(), ids_of(3, 41)
    mask = torch.ones_like(ids)
    mask[1:, 30:] = 0
    whole = model(ids, mask).last_hidden_state
    for rows, entries in ((7, 1), (1, 3 * 6 * 41 * 4), (123, 3 * 6 * 41 * 41 - 1)):
        monkeypatch.setattr(jina_bert, "ROWS", rows)
        monkeypatch.setattr(alibi_attention, "MASKED_BIAS_ENTRIES", entries)
        found = model(ids, mask).last_hidden_state
        torch.testing.assert_close(found, whole, atol=2e-5, rtol=0)


@pytest.mark.parametrize("masked", [False, True])
def test_bfloat16_is_close_to_float32(checkpoint, masked):
    ids = ids_of(1, 600)
    mask = torch.ones_like(ids)
    mask[:, 580:] = 0 if masked else 1
    exact = load_jina_bert(checkpoint)(ids, mask).last_hidden_state
    found = load_jina_bert(checkpoint, dtype=torch.bfloat16)(ids, mask).last_hidden_state
    assert found.dtype == torch.bfloat16
    cosines = torch.cosine_similarity(found.float(), exact, dim=-1)
    assert cosines.mean() > 0.9995
    assert cosines.min() > 0.99


def test_the_strip_stays_exact_in_a_bfloat16_model():
    # Equal scores: only the bias decides, and rounded to bfloat16 it would tie far neighbours.
    tokens = 1200
    same = torch.zeros(1, 1, tokens, 1, dtype=torch.bfloat16)
    value = torch.zeros(1, 1, tokens, 1, dtype=torch.bfloat16)
    value[0, 0, 0] = 1  # the last token, for keys stand in reversed order
    strip = alibi_strip(1, tokens) * 2**6  # slope 1/4
    found = attend(same, same, value, strip, None).flatten().float()
    weights = torch.softmax(strip.as_strided((tokens, tokens), (1, 1)), dim=-1)[:, 0]
    assert strip.dtype == torch.float32
    torch.testing.assert_close(found, weights, atol=1e-9, rtol=0.01)


def test_no_square_bias_is_made_for_a_long_text(checkpoint):
    model, tokens = load_jina_bert(checkpoint), 2304
    with LargestTensor() as largest:
        model(ids_of(1, tokens))
    assert 0 < largest.bytes < 4 * tokens * tokens / 8


def test_a_long_padded_batch_makes_the_bias_in_pieces(checkpoint, monkeypatch):
    monkeypatch.setattr(alibi_attention, "MASKED_BIAS_ENTRIES", 1 << 20)
    model, ids = load_jina_bert(checkpoint), ids_of(2, 2304)
    mask = torch.ones_like(ids)
    mask[0, 1000:] = 0
    with LargestTensor() as largest:
        model(ids, mask)
    assert 0 < largest.bytes <= 4 << 20


def test_a_model_that_is_not_frozen_gives_the_same_without_gradients(random_model):
    model, ids = random_model(), ids_of(1, 300)
    frozen = model(ids).last_hidden_state
    found = model.requires_grad_(True)(ids).last_hidden_state
    assert torch.equal(found, frozen)
    assert not found.requires_grad


def test_hooks_fire_per_layer_and_what_they_keep_is_not_overwritten(random_model):
    model, ids = random_model(), ids_of(2, 300)
    seen = []
    for layer in model.encoder["layer"]:
        layer.register_forward_hook(lambda layer, inputs, output: seen.append(output))
    states = model(ids, output_hidden_states=True).hidden_states
    assert isinstance(model.encoder["layer"], torch.nn.ModuleList)
    assert [id(state) for state in seen] == [id(state) for state in states[1:]]
    assert len({state.data_ptr() for state in states}) == len(states)


def test_the_kernel_is_given_a_view_of_the_strip(random_model, monkeypatch):
    seen = []
    original = alibi_attention.scaled_dot_product_attention

    def spy(query, key, value, attn_mask):
        seen.append((attn_mask.shape, attn_mask.untyped_storage().nbytes()))
        return original(query, key, value, attn_mask=attn_mask)

    monkeypatch.setattr(alibi_attention, "scaled_dot_product_attention", spy)
    random_model()(ids_of(1, 2304))
    assert max(size for _, size in seen) <= 4 * 6 * (2 * 2304 - 1)
    # Of six heads two reach far; the others see a band, in blocks of rows.
    assert [shape for shape, _ in seen if len(shape) == 4] == [(1, 2, 2304, 2304)] * 3
    blocks = -(-2304 // alibi_attention.NEAR_ROWS)
    assert len(seen) == 3 * (1 + 4 * blocks)


def test_weights_of_both_layouts_are_the_same_model(copied):
    folder, weights = copied
    ids = ids_of(1, 12)
    plain = load_jina_bert(folder)(ids).last_hidden_state
    prefixed = {f"bert.{name}": weight for name, weight in weights.items()}
    prefixed["linear.weight"] = torch.zeros(128, 48)
    save_file(prefixed, folder / "model.safetensors")
    assert torch.equal(load_jina_bert(folder)(ids).last_hidden_state, plain)


def test_a_loaded_model_is_frozen_and_free_of_its_file(copied):
    folder, _ = copied
    model, ids = load_jina_bert(folder), ids_of(1, 12)
    before = model(ids).last_hidden_state
    with (folder / "model.safetensors").open("r+b") as file:  # as a later download may do
        file.seek(-400_000, 2)
        file.write(bytes(400_000))
    assert torch.equal(model(ids).last_hidden_state, before)
    assert not model.training
    assert not any(parameter.requires_grad for parameter in model.parameters())


def test_a_padded_vocabulary_comes_from_the_config(copied):
    folder, weights = copied
    rows = weights["embeddings.word_embeddings.weight"]
    weights["embeddings.word_embeddings.weight"] = torch.cat([rows, torch.zeros(8, 48)])
    save_file(weights, folder / "model.safetensors")
    with pytest.raises(ValueError, match=r"word_embeddings.*\(1024, 48\), got \(1032, 48\)"):
        load_jina_bert(folder)
    (folder / "config.json").write_text(json.dumps(CONFIG | {"vocab_size": 1032}))
    assert load_jina_bert(folder)(torch.tensor([[1031]])).last_hidden_state.isfinite().all()


WEIGHT = "encoder.layer.1.mlp.wo.weight"


@pytest.mark.parametrize("prefix", ["", "bert."])
@pytest.mark.parametrize("damage", ["renamed", "missing", "reshaped", "transposed", "extra"])
def test_wrong_weights_are_refused_by_name(copied, damage, prefix):
    folder, weights = copied
    weight = weights[WEIGHT]
    name, missing = prefix + WEIGHT, f"{prefix}{WEIGHT} is missing"
    change, says = {
        "renamed": ({"encoder.layer.1.mlp.w0.weight": weight}, f"{prefix}encoder.layer.1.mlp.w0"),
        "missing": ({}, missing),
        "reshaped": ({WEIGHT: weight[:, :90]}, f"{name} must have shape (48, 96), got (48, 90)"),
        "transposed": ({WEIGHT: weight.T}, f"{name} must have shape (48, 96), got (96, 48)"),
        "extra": ({WEIGHT: weight, "linear.weight_2": weight}, "linear.weight_2 is unexpected"),
    }[damage]
    del weights[WEIGHT]
    weights |= change
    save_file(
        {prefix + key: weight.clone().contiguous() for key, weight in weights.items()},
        folder / "model.safetensors",
    )
    with pytest.raises(ValueError, match="the weights must be those of the JinaBERT") as error:
        load_jina_bert(folder)
    assert says in str(error.value)
    assert (missing in str(error.value)) == (damage in ("renamed", "missing"))


def test_names_of_two_layouts_are_not_mixed(copied):
    folder, weights = copied
    mixed = {f"bert.{name}": weight for name, weight in weights.items()}
    save_file(mixed | {WEIGHT: weights[WEIGHT].clone()}, folder / "model.safetensors")
    with pytest.raises(ValueError, match=f"{WEIGHT} is unexpected"):
        load_jina_bert(folder)


def test_pickled_and_damaged_weights_are_refused(copied):
    folder, weights = copied
    whole = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(whole[:999])
    with pytest.raises(ValueError, match=r"model\.safetensors must be a complete safetensors file"):
        load_jina_bert(folder)
    (folder / "model.safetensors").unlink()
    torch.save(weights, folder / "pytorch_model.bin")
    with pytest.raises(ValueError, match=r"must hold model\.safetensors"):
        load_jina_bert(folder)


def test_a_config_is_refused_with_key_rule_and_value():
    for key, value, rule in (
        ("position_embedding_type", "absolute", "must be 'alibi'"),
        ("position_embedding_type", None, "must be 'alibi'"),
        ("feed_forward_type", "original", "must be 'geglu' or 'reglu'"),
        ("feed_forward_type", ["geglu"], "must be 'geglu' or 'reglu'"),
        ("num_attention_heads", 7, "hidden_size must be a multiple of 7 heads"),
        ("num_attention_heads", 0, "must be a positive integer"),
        ("vocab_size", "1024", "must be a positive integer"),
        ("num_hidden_layers", True, "must be a positive integer"),
        ("layer_norm_eps", -1e-12, "must be a positive number"),
        ("is_decoder", True, "must be false"),
    ):
        with pytest.raises(ValueError, match=rule) as error:
            JinaBertConfig.from_dict(CONFIG | {key: value})
        assert str(error.value).endswith(f"got {48 if 'multiple' in rule else value!r}"), key
        assert key in str(error.value) or "multiple" in rule, (key, value)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "must be a JSON file, but is damaged: Expecting value"),
        (b'{"vocab_size": 10', "must be a JSON file, but is damaged: Expecting ',' delimiter"),
        (b'{"a": "\xff"}', "must be a JSON file, but is damaged: 'utf-8' codec"),
        (b"[1, 2]", "must hold a JSON object, got list"),
    ],
)
def test_a_config_that_is_no_json_object_is_refused_with_its_path(copied, content, says):
    folder, _ = copied
    (folder / "config.json").write_bytes(content)
    with pytest.raises(ValueError, match="must") as error:
        load_jina_bert(folder)
    assert str(error.value).startswith(f"{folder / 'config.json'} {says}")


def test_a_setting_that_is_missing_is_named():
    config = {key: value for key, value in CONFIG.items() if key != "intermediate_size"}
    with pytest.raises(ValueError, match="intermediate_size must be a positive integer"):
        JinaBertConfig.from_dict(config)


def test_jina_bert_is_told_by_alibi_and_auto_map_whatever_the_model_type():
    for model_type in ("bert", "jina_bert", "xlm-roberta", None):
        assert is_jina_bert(CONFIG | {"model_type": model_type})
    assert not is_jina_bert(CONFIG | {"position_embedding_type": "absolute"})
    assert not is_jina_bert(CONFIG | {"auto_map": {"AutoModel": "mosaicml/mosaic-bert--bert.M"}})
    assert not is_jina_bert({key: CONFIG[key] for key in CONFIG if key != "auto_map"})


@pytest.mark.parametrize("size", [0.1, 1.0, 4.0])
@pytest.mark.parametrize("tokens", [1, 2, 700, 1537])
def test_heads_that_reach_less_far_attend_to_the_same(tokens, size):
    torch.manual_seed(tokens)
    query, key, value = torch.randn(3, 2, 12, tokens, 8).unbind()
    query, key = query * size, key * size
    strip = alibi_strip(12, tokens)
    places = torch.arange(tokens)
    bias = strip[:, tokens - 1 + (places[:, None] - places).abs()]
    full = torch.nn.functional.scaled_dot_product_attention
    exact = full(query.double(), key.double(), value.double(), attn_mask=bias.double())
    found = attend(query, key.flip(2), value.flip(2), strip, None)
    rounding = (full(query, key, value, attn_mask=bias).double() - exact).abs().max()
    assert (found.double() - exact).abs().max() <= 2 * rounding + 1e-6
