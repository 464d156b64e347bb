// Colours and type from Streamlit's CSS variables and the project's palette.

export function readTheme(root, forced) {
  const style = getComputedStyle(root);
  const page = style.getPropertyValue("--st-background-color").trim() || "#ffffff";
  const dark = forced ?? luminance(page) < 0.4;
  const colours = { ...PALETTES[dark ? "dark" : "light"], background: page };
  root.dataset.theme = dark ? "dark" : "light";
  root.style.setProperty("--stage-ink", colours.ink);
  root.style.setProperty("--stage-muted", colours.muted);
  root.style.setProperty("--stage-grid", colours.grid);
  root.style.setProperty("--stage-focus", colours.task_text[0]);
  return { ...colours, dark, font: style.getPropertyValue("--st-font").trim() || "sans-serif" };
}

function luminance(colour) {
  const context = document.createElement("canvas").getContext("2d");
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  const [red, green, blue] = context.getImageData(0, 0, 1, 1).data;
  return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
}
