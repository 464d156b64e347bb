// Makes app/frontend/dist/frontend.js of app/frontend/main.js, and worker.js beside it: `make frontend`. Node is needed for this alone.

import { build } from "esbuild";
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import path from "node:path";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const folder = path.join(root, "app", "frontend");
const digest = (bytes) => createHash("sha256").update(bytes).digest("hex");

const result = await build({
  absWorkingDir: folder,
  entryPoints: { frontend: "main.js", worker: "engine/worker.js" },
  outdir: path.join(folder, "dist"),
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "none",
  charset: "utf8",
  metafile: true,
  loader: { ".html": "text", ".css": "text" },
});

const sources = {};
for (const name of Object.keys(result.metafile.inputs).sort())
  sources[name] = digest(await readFile(path.join(folder, name)));
const files = {};
for (const name of ["frontend.js", "worker.js"]) files[name] = digest(await readFile(path.join(folder, "dist", name)));
await writeFile(path.join(folder, "dist", "manifest.json"), `${JSON.stringify({ files, sources }, null, 1)}\n`);
