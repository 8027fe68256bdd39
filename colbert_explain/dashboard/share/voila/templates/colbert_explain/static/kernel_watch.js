// A page and its Python live and die together. Stands at the end of the page: while cells still run, Voilà waits
// for the kernel and must not lose it.
{
  const page = JSON.parse(document.getElementById("jupyter-config-data").textContent);
  const kernel = `${page.baseUrl}api/kernels/${page.kernelId}`;
  const notice = document.querySelector(".ce-ended");
  notice.querySelector("button").addEventListener("click", () => location.reload());

  // Voilà tells the server on "beforeunload", which phones never fire. A page kept for "back" keeps its kernel.
  window.addEventListener("pagehide", (event) => {
    const token = document.cookie.match(/\b_xsrf=([^;]*)/);
    if (event.persisted || !token) return;
    const form = new FormData();
    form.append("_xsrf", token[1]);
    navigator.sendBeacon(`${page.baseUrl}voila/api/shutdown/${page.kernelId}`, form);
  });

  // A laptop that slept comes back to a page whose kernel was ended meanwhile: nothing else would say so.
  const say = (text) => {
    notice.querySelector("span").textContent = text;
    notice.hidden = !text;
  };
  let lost = "";
  const look = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(kernel, { cache: "no-store" });
      const { status } = answer;
      const ended = status === 404 || (answer.ok && (await answer.json()).execution_state === "dead");
      say(ended ? "The Python behind this page has ended. You can still copy what you typed."
        : status === 403 ? "The server no longer knows this browser."
        : lost);
    } catch {
      say("The server cannot be reached.");
    }
  };
  document.addEventListener("visibilitychange", look);
  setInterval(look, 20_000);

  // What was on its way while the network was gone never arrives, and whatever waits for its answer waits for ever.
  const watch = async () => {
    const widgets = await window.jupyterapp?.widgetManagerPromise.promise;
    if (!widgets) {
      setTimeout(watch, 100);
      return;
    }
    // Until all widgets are there, the kernel keeps to itself what is new about them (dashboard_kernel.py).
    const drawn = () => widgets.kernel.createComm("colbert_explain.page").open();
    widgets.restored.connect(drawn);
    if (widgets.restoredStatus) drawn();
    const unanswered = new Map(); // kinds of messages by id, in the order in which they were sent
    let last = ""; // the question that tells whether earlier ones have arrived
    let asked = [];
    widgets.kernel.anyMessage.connect((_, { msg, direction }) => {
      if (direction === "send" && msg.channel === "shell") unanswered.set(msg.header.msg_id, msg.header.msg_type);
      else if (msg.content.execution_state === "idle") {
        const id = msg.parent_header.msg_id;
        unanswered.delete(id);
        if (id === last && asked.some((other) => unanswered.has(other))) {
          lost = "The connection dropped, and some messages were lost. You can still copy what you typed.";
          look();
        }
      } else if (msg.header.msg_type === "error") {
        lost = msg.content.evalue; // the server's own sentence, whatever failed (kernel_connection.py)
        look();
      }
    });
    let dropped = false;
    widgets.kernel.connectionStatusChanged.connect((_, status) => {
      if (status === "connected" && dropped) {
        // Python answers one by one, however long each takes: when it has answered what is asked now, it will
        // answer nothing any more that was asked before.
        asked = [...unanswered.keys()].filter((id) => unanswered.get(id) !== "kernel_info_request");
        widgets.kernel.requestKernelInfo().catch(() => {});
        last = [...unanswered.keys()].at(-1);
      }
      dropped = status !== "connected";
    });
  };
  watch();
}
