// Made from app/palette.py by tools/make_palettes.py: change it there.
export const PALETTES = {
  "light": {
    "background": "#ffffff",
    "surface": "#f8f9fb",
    "ink": "#1f2430",
    "muted": "#59606d",
    "grid": "#c9ced8",
    "tasks": [
      "#0072b2",
      "#d55e00",
      "#870ff0",
      "#5a2d00",
      "#b47869"
    ],
    "task_text": [
      "#00659e",
      "#b34e00",
      "#7a0bdb",
      "#5a2d00",
      "#91523f"
    ],
    "update": "#1f2430",
    "front": "#009e73",
    "front_text": "#00704f",
    "start": "#59606d",
    "success": "#00704f",
    "warning": "#a33a00",
    "methods": [
      "#0072b2",
      "#d55e00",
      "#009e73",
      "#a8578a",
      "#7d6b00",
      "#1f2430"
    ]
  },
  "dark": {
    "background": "#0e1117",
    "surface": "#161b24",
    "ink": "#f2f4f8",
    "muted": "#a9b2c0",
    "grid": "#3a4352",
    "tasks": [
      "#56b4e9",
      "#f0a23a",
      "#8f5cff",
      "#e0409a",
      "#9a7a38"
    ],
    "task_text": [
      "#7cc6f0",
      "#f5b45c",
      "#b497ff",
      "#f07bbd",
      "#cba766"
    ],
    "update": "#f2f4f8",
    "front": "#2bc79b",
    "front_text": "#5bd8b3",
    "start": "#a9b2c0",
    "success": "#5bd8b3",
    "warning": "#ffb07a",
    "methods": [
      "#56b4e9",
      "#f0a23a",
      "#2bc79b",
      "#dd94bd",
      "#f0e442",
      "#f2f4f8"
    ]
  }
};
