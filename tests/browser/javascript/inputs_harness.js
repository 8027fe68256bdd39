async ([limits, samples, texts, options]) => {
  const { inputs } = await import("/inputs/inputs.js");
  const { pairBus } = await import("/web/pair_bus.js");
  const acts = {};
  const sent = [];
  const traits = {
    limits, samples, texts, result: {}, problem: "",
    work: { busy: false, status: "", progress: null, of: "pair" },
    options: { level: "word", order: "text", unscored: false },
  };
  const model = {
    gone: false,
    get: (name) => traits[name],
    set(name, value) {
      traits[name] = value;
      for (const act of [...(acts[`change:${name}`] ?? [])]) act();
    },
    save_changes() {},
    send: (message, _, buffers) => sent.push(buffers ? { ...message, bytes: buffers[0].byteLength } : message),
    on: (name, act) => (acts[name] ??= []).push(act),
    off(name, act) { acts[name] = acts[name].filter((one) => one !== act); },
    whenGone: () => {},
  };
  const words = (text) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const answer = (message = sent.findLast((one) => one.event === "explain"), position = null) => {
    const asked = words(message.query);
    const entries = message.documents.map(([name, text], place) => {
      const has = new Set(words(text));
      const marks = asked.map((label, i) => ({ label, value: has.has(label) ? 0.9 : 0.2 + ((i * 7 + place * 3) % 5) / 10 }));
      return { position: place, name, marks, snippet: text.slice(0, 120),
        score: marks.reduce((sum, one) => sum + one.value, 0) };
    });
    const readable = entries.filter((one) => words(message.documents[one.position][1]).length)
      .sort((a, b) => b.score - a.score || a.position - b.position);
    readable.forEach((one, i) => Object.assign(one, { rank: i + 1, of_best: one.score / readable[0].score }));
    // A ranking counts the documents that it could read.
    const places = readable.map((one) => one.position).sort((a, b) => a - b);
    const shown = position === null ? readable[0].position : places[position];
    const grid = {
      rows: asked.map((label, i) => ({ label, tokens: [i], scored: true, column: 0 })), columns: [{ rows: [0] }, { rows: [] }],
    };
    bus.setGrid(grid.rows, grid.columns); // as a page does, before its parts take the result
    model.set("result", {
      key: (traits.result.key ?? 0) + 1, request: message.request, query: message.query,
      document: message.documents[shown][1], name: message.documents[shown][0], position: places.indexOf(shown),
      documents: readable.map((one) => ({ ...one, position: places.indexOf(one.position) })),
      unreadable: entries.filter((one) => !readable.includes(one))
        .map(({ name, position }) => ({ name, position, reason: "document must hold a token" })),
      headline: { sentence: "67% of the score comes from exact matches." }, grid,
      contrast: readable.length > 1 ? { sentence: `${readable[0].name} beats ${readable[1].name}.` } : null,
    });
  };
  const bus = pairBus();
  const page = { pictures: 0, copyPicture: () => page.pictures++, ...options };
  const parts = inputs({ model, bus, page });
  const place = document.createElement("main");
  place.className = "ce-page";
  const head = Object.assign(document.createElement("div"), { className: "harness-head" });
  head.append("Workbench", parts.examples, parts.share, parts.shareNote);
  const body = Object.assign(document.createElement("div"), { className: "harness-body" });
  const picture = Object.assign(document.createElement("div"), { className: "harness-picture", tabIndex: -1 });
  body.append(parts.rail, picture);
  place.append(head, parts.queryLine, parts.below, body);
  document.body.append(place);
  window.harness = { model, bus, page, parts, sent, traits, answer,
    receive: (message) => acts["msg:custom"].forEach((act) => act(message)) };
}
