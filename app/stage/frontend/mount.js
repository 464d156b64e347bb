// The component: one stage per mounted element, kept through changes of its data.

const stages = new WeakMap();

export default function mount({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".stage");
  let stage = stages.get(parentElement);
  if (stage && stage.root !== root) {
    stage.destroy();
    stage = undefined;
  }
  if (!stage) stages.set(parentElement, (stage = new Stage(root)));
  stage.send = setTriggerValue;
  stage.host = parentElement.host ?? parentElement;
  stage.refreshTheme();
  stage.look.hear(data, setTriggerValue);
  stage.listen(data.slot);
  return () => {
    stages.get(parentElement)?.destroy();
    stages.delete(parentElement);
  };
}
