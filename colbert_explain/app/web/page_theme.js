// Light or dark: JupyterLab's theme where there is one, over the system's, as in the style sheet (views/theme.py).

/** Tell Python the page's theme now and whenever it changes; return what ends that. */
export function followTheme(model) {
  const system = window.matchMedia("(prefers-color-scheme: dark)");

  function tell() {
    const lab = document.querySelector("[data-jp-theme-light]")?.dataset.jpThemeLight;
    const theme = (lab === undefined ? system.matches : lab === "false") ? "dark" : "light";
    if (theme === model.get("theme")) return;
    model.set("theme", theme);
    model.save_changes();
  }

  const themes = new MutationObserver(tell);
  themes.observe(document.body, { attributeFilter: ["data-jp-theme-light"] });
  system.addEventListener("change", tell);
  tell();
  return () => {
    themes.disconnect();
    system.removeEventListener("change", tell);
  };
}
