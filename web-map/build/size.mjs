// Prints what a first visit downloads, gzip and brotli, and fails over budget.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const BUDGET_GZ = 480 * 1000;
const dir = process.argv[2] ?? 'dist';
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
/** What a chunk needs before it runs: its static imports. What it asks for later is not among them. */
const needs = (name) => [...readFileSync(join(dir, 'assets', name), 'utf8').matchAll(/(?:from|import)\s*["']\.\/([^"']+\.js)["']/g)].map((m) => m[1]);
/** The page, the chunk that starts the map and its worker, their styles, and all that they import. */
const START = /^(?:index|boot|worker)-|^index\.html$|^favicon/;
const before = new Set(rows.map((r) => r.name).filter((name) => START.test(name)));
for (const name of before) if (name.endsWith('.js')) for (const other of needs(name)) before.add(other);
const first = sum(rows.filter((r) => before.has(r.name)));
for (const r of [...rows, { name: 'before the first map', ...first }, { name: 'total', ...sum(rows) }]) {
  console.log(r.name.padEnd(36), String(r.raw).padStart(9), String(r.gz).padStart(8), String(r.br).padStart(8));
}
if (first.gz > BUDGET_GZ) {
  console.error(`the first map needs ${first.gz} bytes gzip, budget ${BUDGET_GZ}`);
  process.exit(1);
}
