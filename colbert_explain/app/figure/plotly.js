// Plotly's script, loaded once a page however many figures there are. Scripts of several widgets share it by the
// name CePlotly, a promise.

/** Return Plotly, loaded by whoever asks first. */
export async function plotlyOfPage(load) {
  while (window.CePlotly) {
    try {
      return await window.CePlotly;
    } catch {
      // The one who asked first could not load it.
    }
  }
  const loading = load();
  window.CePlotly = loading;
  try {
    return await loading;
  } catch (error) {
    window.CePlotly = undefined;
    throw error;
  }
}

/** Return how a widget loads Plotly: from its server, or from Python where the server does not have it.
 *
 * The model has the trait `plotly_script`, and its Python answers the event "plotly" (figure/plotly_script.py). */
export function plotlyOf(model) {
  return () =>
    plotlyOfPage(async () => {
      const address = addressOf(model.get("plotly_script"));
      if (address) {
        try {
          return await imported(address);
        } catch {
          // VS Code, Colab, or a kernel with a different Plotly from the server's.
        }
      }
      return await unpacked(await fromPython(model));
    });
}

/** Return the address of one of our files on the Jupyter server of this page; undefined if there is none. */
export function addressOf(file) {
  const settings = document.getElementById("jupyter-config-data");
  const base = settings && JSON.parse(settings.textContent).baseUrl;
  return base ? new URL(file, new URL(base, document.baseURI)).href : undefined;
}

/** Run Plotly's script; Plotly puts itself into the page's window. */
export async function imported(address) {
  await import(address);
  return window.Plotly;
}

function fromPython(model) {
  return new Promise((resolve, reject) => {
    const take = (content, buffers) => {
      if (content?.event !== "plotly") return;
      model.off("msg:custom", take);
      resolve(buffers[0]);
    };
    const fail = () => reject(new Error("Python is gone"));
    if (model.gone) fail();
    model.whenGone?.((gone) => gone && fail());
    model.on("msg:custom", take);
    model.send({ event: "plotly" });
  });
}

async function unpacked(compressed) {
  const script = new Blob([compressed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const blob = new Blob([await new Response(script).arrayBuffer()], { type: "text/javascript" });
  const address = URL.createObjectURL(blob);
  try {
    return await imported(address);
  } finally {
    URL.revokeObjectURL(address);
  }
}
