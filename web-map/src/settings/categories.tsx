/** 类别树: the list in its order at the left, the chosen one as a form beside it. */
import { useId, useRef } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { KINDS, type Kind } from '../api/types';
import { fmt, lang, t } from '../i18n';
import { KindSymbol } from '../ui/icons';
import type { Doc } from './doc';
import { aliasesOf, changed, family, freeCode, isCode, nodes, possibleParents, removed, shifted, type CategoryItem } from './tree';
import { w } from './words';

export interface Tree {
  categories: CategoryItem[];
  replace: Record<string, string>;
  /** How many incidents each code has; not sent. */
  incidents: Record<string, number>;
}

const nameOf = (item: CategoryItem): string => (lang.value === 'en' ? item.name_en || item.name_zh : item.name_zh) || item.code;

export function CategoriesForm({ doc }: { doc: Doc<Tree> }): JSX.Element | null {
  const chosen = useSignal<string | null>(null);
  const list = useRef<HTMLUListElement>(null);
  const tree = doc.value.value;
  if (!tree) return null;
  const all = nodes(tree.categories);
  const item = tree.categories.find((c) => c.code === chosen.value) ?? null;
  const put = (categories: CategoryItem[]): void => doc.set({ ...tree, categories });
  const wrongRows = new Set(Object.keys(doc.wrongs.value).map((pointer) => /^\/categories\/(\d+)/.exec(pointer)?.[1]).filter((n): n is string => n !== undefined).map((n) => tree.categories[Number(n)]?.code));
  const add = (parent: CategoryItem | null, kind: Kind): void => {
    const code = freeCode(tree.categories, parent?.code ?? null, kind);
    put([...tree.categories, { code, parent: parent?.code ?? null, kind, name_zh: '', name_en: '', sensitive: false, aliases: [] }]);
    chosen.value = code;
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const buttons = [...(list.current?.querySelectorAll<HTMLButtonElement>('button') ?? [])];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    const to = event.key === 'ArrowDown' ? at + 1 : event.key === 'ArrowUp' ? at - 1 : event.key === 'Home' ? 0 : event.key === 'End' ? buttons.length - 1 : -2;
    const button = buttons[to];
    if (!button) return;
    event.preventDefault();
    button.focus();
    chosen.value = button.dataset.code ?? null;
  };
  const first = all[0]?.item.code;
  return (
    <>
      {doc.inUse.value.length ? <Replacing doc={doc} tree={tree} /> : null}
      <div class="set-tree">
        <div>
          <ul ref={list} class="set-nodes" aria-label={w('categories.list')} onKeyDown={onKeyDown}>
            {all.map(({ item: node, depth }) => (
              <li key={node.code}>
                <button
                  type="button"
                  class="set-node"
                  data-code={node.code}
                  data-depth={Math.min(depth, 4)}
                  data-wrong={wrongRows.has(node.code)}
                  aria-pressed={node.code === chosen.value}
                  tabIndex={node.code === (item ? chosen.value : first) ? 0 : -1}
                  onClick={() => (chosen.value = node.code)}
                >
                  {depth === 0 ? <KindSymbol kind={node.kind} label={t(`kind.${node.kind}`)} /> : null}
                  <span class="set-node-name">{nameOf(node)}</span>
                  {node.sensitive ? <span class="badge">{w('categories.sensitiveShort')}</span> : null}
                  <span class="muted num">{tree.incidents[node.code] ? fmt.num(tree.incidents[node.code]) : ''}</span>
                </button>
              </li>
            ))}
          </ul>
          <p class="set-acts">
            {KINDS.map((kind) => (
              <button key={kind} type="button" class="btn btn-small btn-outline" onClick={() => add(null, kind)}>{w('categories.addTop', { kind: t(`kind.${kind}`) })}</button>
            ))}
          </p>
        </div>
        {item ? <CategoryForm key={item.code} doc={doc} tree={tree} item={item} onChoose={(code) => (chosen.value = code)} onAdd={() => add(item, item.kind)} onPut={put} /> : <p class="muted">{w('categories.choose')}</p>}
      </div>
    </>
  );
}

interface FormProps {
  doc: Doc<Tree>;
  tree: Tree;
  item: CategoryItem;
  onChoose: (code: string | null) => void;
  onAdd: () => void;
  onPut: (items: CategoryItem[]) => void;
}

function CategoryForm({ doc, tree, item, onChoose, onAdd, onPut }: FormProps): JSX.Element {
  const id = useId();
  const code = useSignal(item.code);
  const index = tree.categories.indexOf(item);
  const wrong = (name: string): string | undefined => doc.wrongs.value[`/categories/${index}/${name}`];
  const set = (change: Partial<CategoryItem>): void => onPut(changed(tree.categories, item.code, change));
  // A code that incidents may carry is never changed; a new one may still be named.
  const isNew = !doc.base.value?.categories.some((c) => c.code === item.code);
  const field = (name: 'name_zh' | 'name_en', title: string): JSX.Element => (
    <div class="set-cell" data-wrong={Boolean(wrong(name))}>
      <label for={`${id}-${name}`}>{title}</label>
      <input id={`${id}-${name}`} class="field" autocomplete="off" aria-invalid={wrong(name) ? true : undefined} value={item[name]} onInput={(event) => set({ [name]: event.currentTarget.value })} />
      {wrong(name) ? <p class="set-why">{wrong(name)}</p> : null}
    </div>
  );
  const below = family(tree.categories, item.code);
  const count = [...below].reduce((sum, c) => sum + (tree.incidents[c] ?? 0), 0);
  return (
    <fieldset class="set-category">
      <legend>{nameOf(item)}</legend>
      {field('name_zh', w('categories.nameZh'))}
      {field('name_en', w('categories.nameEn'))}
      <div class="set-cell" data-wrong={Boolean(wrong('code')) || !isCode(code.value)}>
        <label for={`${id}-code`}>{w('categories.code')}</label>
        <input
          id={`${id}-code`} class="field mono" autocomplete="off" readOnly={!isNew} value={code.value}
          onInput={(event) => {
            const next = event.currentTarget.value.trim();
            code.value = next;
            if (!isCode(next) || tree.categories.some((c) => c.code === next)) return;
            onPut(tree.categories.map((c) => (c.code === item.code ? { ...c, code: next } : c.parent === item.code ? { ...c, parent: next } : c)));
            onChoose(next);
          }}
        />
        {wrong('code') ? <p class="set-why">{wrong('code')}</p> : <p class="muted small">{w(isNew ? 'categories.codeNew' : 'categories.codeFixed')}</p>}
      </div>
      <div class="set-cell" data-wrong={Boolean(wrong('parent'))}>
        <label for={`${id}-parent`}>{w('categories.parent')}</label>
        <select id={`${id}-parent`} class="field" value={item.parent ?? ''} onChange={(event) => set({ parent: event.currentTarget.value || null })}>
          <option value="">{w('categories.top')}</option>
          {possibleParents(tree.categories, item.code).map((c) => <option key={c.code} value={c.code}>{nameOf(c)}</option>)}
        </select>
        {wrong('parent') ? <p class="set-why">{wrong('parent')}</p> : null}
      </div>
      <div class="set-cell" data-wrong={Boolean(wrong('aliases'))}>
        <label for={`${id}-alias`}>{w('categories.aliases')}</label>
        <Aliases id={`${id}-alias`} value={item.aliases} onValue={(aliases) => set({ aliases })} />
        <p class="muted small">{w('categories.aliasesHint')}</p>
      </div>
      <label class="row-plain set-bool"><input class="check" type="checkbox" checked={item.sensitive} onChange={(event) => set({ sensitive: event.currentTarget.checked })} /> <span>{w('categories.sensitive')} <span class="muted small">{w('categories.sensitiveHint')}</span></span></label>
      <p class="set-acts">
        <button type="button" class="btn btn-small" onClick={() => onPut(shifted(tree.categories, item.code, -1))}>{w('rows.up')}</button>
        <button type="button" class="btn btn-small" onClick={() => onPut(shifted(tree.categories, item.code, 1))}>{w('rows.down')}</button>
        <button type="button" class="btn btn-small btn-outline" onClick={onAdd}>{w('categories.addBelow')}</button>
        <button type="button" class="btn btn-small set-danger" onClick={() => {
          onPut(removed(tree.categories, item.code));
          onChoose(item.parent);
        }}>{w(below.size > 1 ? 'categories.removeAll' : 'rows.remove', { n: below.size })}</button>
      </p>
      {count ? <p class="muted small">{w('categories.used', { n: count })}</p> : null}
    </fieldset>
  );
}

/** What is typed stays as it is until the field is left. */
function Aliases({ id, value, onValue }: { id: string; value: readonly string[]; onValue: (value: string[]) => void }): JSX.Element {
  const text = useSignal(value.join('、'));
  return (
    <input id={id} class="field" autocomplete="off" value={text.value} onInput={(event) => {
      text.value = event.currentTarget.value;
      onValue(aliasesOf(text.peek()));
    }} />
  );
}

/** Categories that would go have incidents: each needs another one that takes them. */
function Replacing({ doc, tree }: { doc: Doc<Tree>; tree: Tree }): JSX.Element {
  const all = nodes(tree.categories);
  const then = (code: string): string => {
    const item = doc.base.value?.categories.find((c) => c.code === code);
    return item ? nameOf(item) : code;
  };
  const open = doc.inUse.value.filter(({ code }) => !tree.replace[code]).length;
  return (
    <section class="set-replacing" role="alert">
      <h3>{w('replace.title')}</h3>
      <p>{w('replace.text')}</p>
      <ul>
        {doc.inUse.value.map(({ code, incidents }) => (
          <li key={code}>
            <label class="set-cell set-add">
              <span>{then(code)} <span class="muted">{w('replace.count', { n: incidents })}</span></span>
              <select class="field" value={tree.replace[code] ?? ''} onChange={(event) => {
                const { [code]: _, ...rest } = tree.replace;
                const to = event.currentTarget.value;
                doc.set({ ...tree, replace: to ? { ...rest, [code]: to } : rest });
              }}>
                <option value="">{w('rows.choose')}</option>
                {all.map(({ item, depth }) => <option key={item.code} value={item.code}>{'\u3000'.repeat(depth)}{nameOf(item)}</option>)}
              </select>
            </label>
          </li>
        ))}
      </ul>
      <p class="set-acts">
        <button type="button" class="btn btn-outline btn-small" onClick={() => doc.reset()}>{w('replace.back')}</button>
        <button type="button" class="btn btn-primary btn-small" aria-disabled={open > 0} onClick={() => open === 0 && void doc.save()}>{w('replace.go')}</button>
      </p>
    </section>
  );
}
