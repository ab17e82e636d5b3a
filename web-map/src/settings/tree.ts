/** The category tree as a list in its order; pure changes of it. */
import type { Kind } from '../api/types';

export interface CategoryItem {
  code: string;
  parent: string | null;
  kind: Kind;
  name_zh: string;
  name_en: string;
  sensitive: boolean;
  aliases: string[];
}

export interface Node {
  item: CategoryItem;
  depth: number;
}

/** Parents before their children, siblings in the order of the list. */
export function nodes(items: readonly CategoryItem[]): Node[] {
  const codes = new Set(items.map((item) => item.code));
  const out: Node[] = [];
  const seen = new Set<string>();
  const walk = (parent: string | null, depth: number): void => {
    for (const item of items) {
      const above = item.parent !== null && codes.has(item.parent) ? item.parent : null;
      if (above !== parent || seen.has(item.code)) continue;
      seen.add(item.code);
      out.push({ item, depth });
      walk(item.code, depth + 1);
    }
  };
  walk(null, 0);
  return out;
}

/** The category and all below it. */
export function family(items: readonly CategoryItem[], code: string): Set<string> {
  const out = new Set([code]);
  for (let grew = true; grew; ) {
    grew = false;
    for (const item of items) {
      if (item.parent !== null && out.has(item.parent) && !out.has(item.code)) {
        out.add(item.code);
        grew = true;
      }
    }
  }
  return out;
}

/** Where a category may be moved to: not below itself, and to the same kind only. */
export function possibleParents(items: readonly CategoryItem[], code: string): CategoryItem[] {
  const own = family(items, code);
  const kind = items.find((item) => item.code === code)?.kind;
  return nodes(items)
    .map((node) => node.item)
    .filter((item) => item.kind === kind && !own.has(item.code));
}

export function changed(items: readonly CategoryItem[], code: string, change: Partial<Omit<CategoryItem, 'code'>>): CategoryItem[] {
  const below = change.kind === undefined ? new Set([code]) : family(items, code);
  return items.map((item) => {
    if (item.code === code) return { ...item, ...change };
    return change.kind !== undefined && below.has(item.code) ? { ...item, kind: change.kind } : item;
  });
}

/** Takes a category and all below it away. */
export function removed(items: readonly CategoryItem[], code: string): CategoryItem[] {
  const gone = family(items, code);
  return items.filter((item) => !gone.has(item.code));
}

/** Moves a category among its siblings. */
export function shifted(items: readonly CategoryItem[], code: string, by: 1 | -1): CategoryItem[] {
  const item = items.find((i) => i.code === code);
  if (!item) return [...items];
  const siblings = items.filter((i) => i.parent === item.parent && (item.parent !== null || i.kind === item.kind));
  const other = siblings[siblings.indexOf(item) + by];
  if (!other) return [...items];
  return items.map((i) => (i === item ? other : i === other ? item : i));
}

const SAFE = /^[a-z0-9._-]{1,80}$/;

export function isCode(code: string): boolean {
  return SAFE.test(code);
}

/** A code that is free under a parent: `police.new-1`. */
export function freeCode(items: readonly CategoryItem[], parent: string | null, kind: Kind): string {
  const taken = new Set(items.map((item) => item.code));
  const stem = parent ?? kind;
  for (let n = 1; ; n++) {
    const code = `${stem}.new-${n}`.slice(-80);
    if (!taken.has(code)) return code;
  }
}

/** Aliases as they are typed: with any comma, or one a line. */
export function aliasesOf(text: string): string[] {
  return [...new Set(text.split(/[,，、;；\n]/).map((word) => word.trim()).filter(Boolean))];
}
