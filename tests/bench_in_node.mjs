// What the workbench makes of what Python tells of every rule, in node, for tests: reads it from standard input.
import fs from "node:fs";

import { Engine } from "../app/frontend/engine/memory.js";
import { answerOf } from "../app/frontend/workbench/ask.js";
import { constructionOf } from "../app/frontend/workbench/construct.js";

const { file, manifest, rules, room, given } = JSON.parse(fs.readFileSync(0, "utf8"));
const engine = await Engine.load(fs.readFileSync(file), manifest);
const answers = Object.entries(rules).map(([key, rule]) => {
  const answer = answerOf(engine, rule, given);
  return [key, { ...answer, construction: constructionOf(engine, rule, given, answer, room) }];
});
fs.writeFileSync(1, JSON.stringify(Object.fromEntries(answers)));
