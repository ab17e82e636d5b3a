import type { JSX } from 'preact';
import { useApp } from '../app/context';
import { KINDS, type Category } from '../api/types';
import { lang, t } from '../i18n';
import { useFlow } from './context';
import { PARTS } from './issues';
import { w } from './words';

interface Choice {
  code: string;
  label: string;
}

/** Categories in the order of the tree, indented, by kind. */
export function categoryChoices(categories: readonly Category[], english: boolean): { kind: string | null; choices: Choice[] }[] {
  const children = new Map<string | null, Category[]>();
  for (const category of categories) children.set(category.parent, [...(children.get(category.parent) ?? []), category]);
  const known = new Set(categories.map((category) => category.code));
  const roots = categories.filter((category) => category.parent === null || !known.has(category.parent));
  const out = new Map<string | null, Choice[]>();
  const walk = (category: Category, depth: number, kind: string | null): void => {
    const of = category.kind ?? kind;
    const name = (english && category.name_en) || category.name_zh;
    out.set(of, [...(out.get(of) ?? []), { code: category.code, label: `${'\u3000'.repeat(depth)}${name}` }]);
    for (const child of children.get(category.code) ?? []) walk(child, depth + 1, of);
  };
  for (const root of roots) walk(root, 0, null);
  return [...out].map(([kind, choices]) => ({ kind, choices }));
}

/** Words of the file that are no category of ours: each gets one. */
export function UnknownCategories(): JSX.Element | null {
  const app = useApp();
  const flow = useFlow();
  const session = flow.session.value;
  const options = flow.draft.value;
  const found = session?.new_categories ?? [];
  const settled = Object.keys(options.categories).filter((word) => !found.some((known) => known.word === word));
  // What was chosen is known from then on and no longer told as new, but stays to be changed.
  const words = [...found, ...settled.map((word) => ({ word, rows: 0, code: null, chosen: true }))];
  if (words.length === 0) return null;
  const groups = categoryChoices(app.session.meta.value?.categories ?? [], lang.value === 'en');
  const put = (word: string, code: string): void =>
    flow.edit((now) => {
      const { [word]: _, ...others } = now.categories;
      return { ...now, categories: code ? { ...others, [word]: code } : others };
    });
  return (
    <section class="imp-part" id={PARTS.category} tabIndex={-1} aria-labelledby="imp-categories-title">
      <div class="imp-section-head">
        <h3 id="imp-categories-title">{w('category.title')}</h3>
        <span class="muted small">{w('category.note', { n: words.length })}</span>
      </div>
      <p class="muted small">{w('category.hint')}</p>
      <ul class="imp-lines">
        {words.map(({ word, rows, code }) => (
          <li key={word} class="imp-map">
            <span class="imp-map-from">{w('quoted', { text: word })}</span>
            <span class="muted small nowrap">{rows > 0 ? w('rows', { n: rows }) : ''}</span>
            <span aria-hidden="true" class="muted">→</span>
            <select class="field imp-small" aria-label={w('category.for', { word })} value={options.categories[word] ?? ''} onChange={(event) => put(word, event.currentTarget.value)}>
              <option value="">{w(code === null ? 'category.unset' : 'category.open')}</option>
              {code === null ? null : <option value={code}>{w('category.new', { word })}</option>}
              {groups.map(({ kind, choices }) => (
                <optgroup key={kind ?? ''} label={KINDS.some((known) => known === kind) ? t(`kind.${kind as 'police'}`) : (kind ?? '—')}>
                  {choices.map((choice) => <option key={choice.code} value={choice.code}>{choice.label}</option>)}
                </optgroup>
              ))}
            </select>
          </li>
        ))}
      </ul>
    </section>
  );
}
