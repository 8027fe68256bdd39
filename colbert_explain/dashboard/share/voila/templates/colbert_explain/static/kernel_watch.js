// A page and its Python live and die together. Stands at the end of the page: while cells still run, Voilà waits
// for the kernel and must not lose it.
{
  const page = JSON.parse(document.getElementById("jupyter-config-data").textContent);
  const kernel = `${page.baseUrl}api/kernels/${page.kernelId}`;
  const restarted = "colbert_explain.restarted"; // set while a page is opened anew because its Python had ended
  const { hasDraft, storage } = window.colbertExplainTab; // first_part.js

  const notice = document.createElement("div");
  const sentence = document.createElement("span");
  const button = document.createElement("button");
  notice.className = "ce-notice";
  notice.hidden = button.hidden = true;
  button.type = "button";
  notice.append(sentence, " ", button);
  document.body.prepend(notice);

  const say = (text, label = "", act = null) => {
    notice.role = label === "Close" ? "status" : "alert";
    notice.classList.toggle("ce-notice-alert", label !== "Close");
    sentence.textContent = text;
    button.textContent = label;
    button.onclick = act;
    button.hidden = !label;
    notice.hidden = !text;
  };
  const sayEnded = (what) => {
    const texts = hasDraft() ? "What you typed is kept." : "You can still copy what you typed.";
    say(`${what} ${texts}`, "Reload", () => {
      storage?.setItem(restarted, "1");
      location.reload();
    });
  };
  if (storage?.getItem(restarted)) {
    storage.removeItem(restarted);
    const texts = hasDraft() ? "; your texts are still here." : ".";
    say(`Python was restarted${texts}`, "Close", () => say(""));
  }

  // Voilà tells the server on "beforeunload", which phones never fire. A page kept for "back" keeps its kernel.
  window.addEventListener("pagehide", (event) => {
    const token = document.cookie.match(/\b_xsrf=([^;]*)/);
    if (event.persisted || !token) return;
    const form = new FormData();
    form.append("_xsrf", token[1]);
    navigator.sendBeacon(`${page.baseUrl}voila/api/shutdown/${page.kernelId}`, form);
  });

  let connection = null; // JupyterLab's, to the kernel
  let died = false; // as when memory runs out
  let lost = ""; // what was said of an error or of lost messages, and still holds
  let wait = 0; // seconds until the next look
  let next = null;
  const look = async () => {
    clearTimeout(next);
    let answer;
    try {
      answer = await fetch(kernel, { cache: "no-store" });
    } catch {
      say("The server cannot be reached. This page tries again by itself.");
      wait = Math.min(30, 2 * wait + 1);
      next = setTimeout(look, 1000 * wait);
      return;
    }
    wait = 0;
    if (answer.status === 404) {
      sayEnded(
        died
          ? "The Python process behind this page has stopped unexpectedly."
          : "The Python process behind this page has ended: the page was disconnected for too long, or the server was restarted.",
      );
    } else if (answer.status === 403) {
      sayEnded("The server no longer recognises this browser.");
    } else {
      // JupyterLab gives up after some minutes; the page does not.
      if (connection?.connectionStatus === "disconnected") connection.reconnect().catch(look);
      if (lost) sayEnded(lost);
      else if (notice.role === "alert") say("");
    }
  };
  window.addEventListener("online", look);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) look(); // a laptop that slept
  });

  // What was on its way while the network was gone never arrives, and whatever waits for its answer waits for ever.
  const watch = async () => {
    const widgets = await window.jupyterapp?.widgetManagerPromise.promise;
    if (!widgets) {
      setTimeout(watch, 100);
      return;
    }
    connection = widgets.kernel;
    // Until all widgets are there, the kernel keeps to itself what is new about them (kernel.py).
    const drawn = () => connection.createComm("colbert_explain.page").open();
    widgets.restored.connect(drawn);
    if (widgets.restoredStatus) drawn();
    const unanswered = new Map(); // kinds of messages by id, in the order in which they were sent
    let last = ""; // the question that tells whether earlier ones have arrived
    let asked = [];
    connection.anyMessage.connect((_, { msg, direction }) => {
      if (direction === "send" && msg.channel === "shell") unanswered.set(msg.header.msg_id, msg.header.msg_type);
      else if (msg.content.execution_state === "idle") {
        const id = msg.parent_header.msg_id;
        unanswered.delete(id);
        if (id === last && asked.some((other) => unanswered.has(other))) {
          lost = "The connection dropped, and some messages were lost.";
          look();
        }
      } else if (msg.header.msg_type === "error") {
        lost = msg.content.evalue; // the server's own sentence, whatever failed (kernel_connection.py)
        look();
      }
    });
    connection.statusChanged.connect((_, status) => {
      died ||= status === "dead";
      if (died) look();
    });
    let dropped = false;
    connection.connectionStatusChanged.connect((_, status) => {
      if (status === "connected" && dropped) {
        // Python answers one by one, however long each takes: when it has answered what is asked now, it will
        // answer nothing any more that was asked before.
        asked = [...unanswered.keys()].filter((id) => unanswered.get(id) !== "kernel_info_request");
        connection.requestKernelInfo().catch(() => {});
        last = [...unanswered.keys()].at(-1);
      }
      dropped = status !== "connected";
      look();
    });
  };
  watch();
}
