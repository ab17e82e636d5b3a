import { useMemo, useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { fmt, t } from '../i18n';
import { Icon, KindSymbol } from './icons';
import { Section } from './section';
import type { Kind } from './types';

export interface CategoryNode {
  code: string;
  parent: string | null;
  name: string;
  kind: Kind | null;
}

interface CategoryTreeProps {
  nodes: readonly CategoryNode[];
  /** Chosen codes, a code standing for its descendants; empty = everything. */
  selected: readonly string[];
  /** Count per code itself (without descendants). */
  counts: Readonly<Record<string, number>>;
  onChange: (codes: string[]) => void;
}

interface Branch {
  node: CategoryNode;
  children: Branch[];
  count: number;
}

/** Roots first, children under their parents, counts summed upwards. A parent that is missing or loops makes a root. */
export function branches(nodes: readonly CategoryNode[], counts: Readonly<Record<string, number>>): Branch[] {
  const known = new Map(nodes.map((n) => [n.code, n]));
  const rooted = (node: CategoryNode): boolean => {
    const seen = new Set<string>();
    for (let n: CategoryNode | undefined = node; n; n = n.parent === null ? undefined : known.get(n.parent)) {
      if (seen.has(n.code)) return false;
      seen.add(n.code);
    }
    return true;
  };
  const under = new Map<string | null, CategoryNode[]>();
  for (const node of nodes) {
    const parent = node.parent !== null && known.has(node.parent) && rooted(node) ? node.parent : null;
    under.set(parent, [...(under.get(parent) ?? []), node]);
  }
  const build = (node: CategoryNode): Branch => {
    const children = (rooted(node) ? (under.get(node.code) ?? []) : []).map(build);
    return { node, children, count: children.reduce((sum, c) => sum + c.count, counts[node.code] ?? 0) };
  };
  return (under.get(null) ?? []).map(build);
}

/** What becomes of the chosen codes when one box is clicked; no code stays beside its ancestor. */
export function toggleCategory(roots: readonly Branch[], selected: readonly string[], code: string, on: boolean): string[] {
  const chosen = new Set(selected);
  const spread = (branch: Branch): void => {
    // Taking one child out of a chosen parent leaves the other children chosen.
    if (chosen.has(branch.node.code) && branch.node.code !== code && contains(branch, code)) {
      chosen.delete(branch.node.code);
      for (const child of branch.children) chosen.add(child.node.code);
    }
    branch.children.forEach(spread);
  };
  const drop = (branch: Branch): void => {
    chosen.delete(branch.node.code);
    branch.children.forEach(drop);
  };
  const gather = (branch: Branch): void => {
    branch.children.forEach(gather);
    if (branch.children.length > 0 && branch.children.every((c) => chosen.has(c.node.code))) {
      drop(branch);
      chosen.add(branch.node.code);
    }
  };
  const target = find(roots, code);
  if (!target) return [...chosen];
  if (!on) roots.forEach(spread);
  drop(target);
  if (on) {
    chosen.add(code);
    roots.forEach(gather);
  }
  return [...chosen];
}

function contains(branch: Branch, code: string): boolean {
  return branch.node.code === code || branch.children.some((c) => contains(c, code));
}

function find(roots: readonly Branch[], code: string): Branch | undefined {
  for (const root of roots) {
    const hit = root.node.code === code ? root : find(root.children, code);
    if (hit) return hit;
  }
  return undefined;
}

/** Searchable, collapsible tree of categories with counts. */
export function CategoryTree({ nodes, selected, counts, onChange }: CategoryTreeProps): JSX.Element {
  const [query, setQuery] = useState('');
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const roots = useMemo(() => branches(nodes, counts), [nodes, counts]);
  const wanted = query.trim().toLowerCase();
  const matches = (b: Branch): boolean => b.node.name.toLowerCase().includes(wanted) || b.children.some(matches);
  const shown = wanted ? roots.filter(matches) : roots;

  const state = (branch: Branch, inherited: boolean): 'all' | 'some' | 'none' => {
    if (inherited || selected.includes(branch.node.code)) return 'all';
    return branch.children.some((c) => state(c, false) !== 'none') ? 'some' : 'none';
  };

  const item = (branch: Branch, inherited: boolean, depth: number): JSX.Element => {
    const { node, children, count } = branch;
    const is = state(branch, inherited);
    const expanded = wanted !== '' || open.has(node.code);
    const visible = wanted && !node.name.toLowerCase().includes(wanted) ? children.filter(matches) : children;
    return (
      <li key={node.code}>
        <div class="row tree-row" data-depth={depth}>
          {children.length > 0 ? (
            <button
              type="button"
              class="tree-toggle"
              aria-expanded={expanded}
              aria-label={`${expanded ? t('action.collapse') : t('action.expand')} ${node.name}`}
              onClick={() => {
                const next = new Set(open);
                if (!next.delete(node.code)) next.add(node.code);
                setOpen(next);
              }}
            >
              <Icon name={expanded ? 'down' : 'right'} />
            </button>
          ) : (
            <span class="tree-toggle" />
          )}
          <label>
            <input
              class="check"
              type="checkbox"
              checked={is === 'all'}
              ref={(box) => {
                if (box) box.indeterminate = is === 'some';
              }}
              onChange={(e) => onChange(toggleCategory(roots, selected, node.code, e.currentTarget.checked))}
            />
            {depth === 0 && node.kind ? <KindSymbol kind={node.kind} /> : null}
            <span class="row-name">{node.name}</span>
            <span class="row-count">{fmt.num(count)}</span>
          </label>
        </div>
        {expanded && visible.length > 0 ? <ul>{visible.map((c) => item(c, is === 'all', depth + 1))}</ul> : null}
      </li>
    );
  };

  if (nodes.length === 0) return <></>;
  return (
    <Section
      title={t('panel.categories')}
      note={selected.length === 0 ? t('category.all') : t('category.selected', { n: selected.length })}
      class="tree"
    >
      <input
        class="field"
        type="search"
        value={query}
        placeholder={t('category.search')}
        aria-label={t('category.search')}
        onInput={(e) => setQuery(e.currentTarget.value)}
      />
      {shown.length > 0 ? <ul class="rows">{shown.map((b) => item(b, false, 0))}</ul> : <p class="muted small">{t('category.none')}</p>}
      {selected.length > 0 ? (
        <button type="button" class="btn btn-link btn-small" onClick={() => onChange([])}>
          {t('action.clear')}
        </button>
      ) : null}
    </Section>
  );
}
