// Prints what a first visit downloads, gzip and brotli, and fails over budget.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const BUDGET_GZ = 480 * 1000;
const dir = process.argv[2] ?? 'dist';
/** Chunks fetched when the first map is on the screen already, or never. */
const LATER = /^(?:later|picture|present|en|screen|dialog|settings|draw|api|words)-|^too-old/;
const rows = [];
for (const folder of [dir, join(dir, 'assets')]) {
  for (const name of readdirSync(folder)) {
    if (!/\.(?:html|js|css|svg)$/.test(name)) continue;
    const size = (ext) => {
      try {
        return statSync(join(folder, name + ext)).size;
      } catch {
        return statSync(join(folder, name)).size;
      }
    };
    rows.push({ name, raw: size(''), gz: size('.gz'), br: size('.br') });
  }
}
const sum = (list) => list.reduce((a, r) => ({ raw: a.raw + r.raw, gz: a.gz + r.gz, br: a.br + r.br }), { raw: 0, gz: 0, br: 0 });
const first = sum(rows.filter((r) => !LATER.test(r.name)));
for (const r of [...rows, { name: 'before the first map', ...first }, { name: 'total', ...sum(rows) }]) {
  console.log(r.name.padEnd(36), String(r.raw).padStart(9), String(r.gz).padStart(8), String(r.br).padStart(8));
}
if (first.gz > BUDGET_GZ) {
  console.error(`the first map needs ${first.gz} bytes gzip, budget ${BUDGET_GZ}`);
  process.exit(1);
}
