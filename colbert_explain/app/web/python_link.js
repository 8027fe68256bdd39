// Whether the Python process behind a widget is still there.
// When it is gone, a widget says so where it has a place for it, and what needs Python cannot be pressed.

// Kernels that are so will never know this widget again, even if another one takes their place.
const ENDED = ["restarting", "autorestarting", "terminating", "dead"];
const PATIENCE_WITH_NETWORK = 5000; // milliseconds that a connection may take to come back, unmentioned

/** Wrap `render`: its model never throws for want of Python, and knows when Python is gone.
 *
 * `what` names what has stopped, for the sentence at the top; without it the widget only goes quiet. In a widget,
 * what has the attribute `data-alone` works without Python. The model has `gone`, and `whenGone(act)`, whose `act` is
 * called with `gone` when that changes. */
export function withPython(render, what = "") {
  return (context) => {
    const { model, el } = context;
    const acts = [];
    const disabled = [];
    const kernel = model.widget_manager?.kernel; // of JupyterLab and Voilà
    let ended = false; // for good
    let offline = false; // until the network is back
    let waiting;
    const isDashboard = "voila" in document.body.dataset; // its own script watches the connection
    const notice = document.createElement("p");
    notice.className = "ce-stopped";
    notice.setAttribute("role", "alert");

    const link = {
      ...model,
      get gone() {
        return ended || offline;
      },
      whenGone: (act) => acts.push(act),
      send(...message) {
        if (link.gone) return;
        try {
          model.send(...message);
        } catch {
          end(); // the channel to Python is closed
        }
      },
      save_changes() {
        if (!link.gone) model.save_changes();
      },
    };

    function show() {
      el.classList.toggle("ce-gone", link.gone);
      if (what) el.closest(".ce-workbench")?.classList.toggle("ce-gone", link.gone);
      notice.textContent =
        !what || !link.gone
          ? ""
          : ended
            ? `The Python process behind this ${what} has stopped. ${isDashboard ? "Load the page" : "Run its cell"} again.`
            : `The connection to the Python process behind this ${what} is lost. This ${what} will work again when the connection is back.`;
      for (const list of el.querySelectorAll("[role=listbox], [role=slider]")) list.ariaDisabled = String(link.gone);
      for (const control of disabled.splice(0)) control.disabled = false;
      const controls = "button, select, input[type=radio], input[type=checkbox]";
      for (const control of link.gone ? el.querySelectorAll(controls) : []) {
        if (control.disabled || control.closest("[data-alone]")) continue;
        control.disabled = true;
        disabled.push(control);
      }
      for (const act of acts) act(link.gone);
    }

    function end() {
      if (ended) return;
      ended = true;
      show();
    }

    // JupyterLab tells its widgets of a restart only: without this the figure goes on sending.
    const onDisposed = () => {
      model.widget_manager.disconnect?.();
      end();
    };
    // The class is how ipywidgets shows a widget whose channel is closed, or that came from a file without one.
    const look = () => el.closest(".jupyter-widgets-disconnected") && end();
    const onStatus = (_, status) => ENDED.includes(status) && end();
    const onConnection = (_, status) => {
      clearTimeout(waiting);
      if (isDashboard) return;
      const lost = status !== "connected";
      if (lost) {
        waiting = setTimeout(() => {
          offline = true;
          show();
        }, PATIENCE_WITH_NETWORK);
      } else if (offline) {
        offline = false;
        show();
      }
    };

    const clean = render({ ...context, model: link });
    if (what) el.prepend(notice);
    model.on("comm_live_update", look);
    kernel?.statusChanged?.connect(onStatus);
    kernel?.connectionStatusChanged?.connect(onConnection);
    kernel?.disposed?.connect(onDisposed);
    look();
    if (kernel?.isDisposed || ENDED.includes(kernel?.status)) end();

    return () => {
      clearTimeout(waiting);
      model.off("comm_live_update", look);
      kernel?.statusChanged?.disconnect(onStatus);
      kernel?.connectionStatusChanged?.disconnect(onConnection);
      kernel?.disposed?.disconnect(onDisposed);
      clean?.();
    };
  };
}
