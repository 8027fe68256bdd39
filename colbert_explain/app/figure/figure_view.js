// One figure as a widget.
import { element } from "../web/dom.js";
import { withPython } from "../web/python_link.js";
import { figure } from "./figure.js";
import { plotlyOf } from "./plotly.js";

function render({ model, el }) {
  const place = element("div");
  el.append(place);
  const tell = (event, fields) => model.get("awaited").includes(event) && model.send({ event, ...fields });
  const shown = figure({
    place,
    loadPlotly: plotlyOf(model),
    onCell: (touched) => tell("hover", { touched }),
    onClick: (touched) => tell("click", { touched }),
    onRange: (ends) => tell("range", { ends }),
  });

  function draw() {
    const written = model.get("figure");
    shown.draw(written ? { ...JSON.parse(written), config: model.get("config") } : null, model.get("label"));
  }
  model.on("change:figure", draw);
  draw();
  return () => {
    model.off("change:figure", draw);
    shown.destroy();
  };
}

export default { render: withPython(render) };
