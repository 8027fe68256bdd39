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
  const look = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(kernel, { cache: "no-store" });
      const { status } = answer;
      const ended = status === 404 || (answer.ok && (await answer.json()).execution_state === "dead");
      say(ended ? "The Python behind this page has ended. What you typed is still here to copy."
        : status === 403 ? "The server no longer knows this browser."
        : "");
    } catch {
      say("The server cannot be reached.");
    }
  };
  document.addEventListener("visibilitychange", look);
  setInterval(look, 20_000);
}
