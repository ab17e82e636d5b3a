/** The settings page: one chunk, fetched when somebody opens it. */
import './settings.css';
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { ComponentChildren, JSX } from 'preact';
import { useApp } from '../app/context';
import type { Controller } from '../app/controller';
import { loadLater } from '../app/lazily';
import { EditApi } from '../draw/api';
import { ErrorBar, Skeleton } from '../ui/state';
import { BackgroundsForm } from './backgrounds';
import { CategoriesForm, type Tree } from './categories';
import { Doc } from './doc';
import { Past } from './history';
import { Shifts, Teams, VisitsForm, type Visits } from './lists';
import type { Item } from './rows';
import type { CategoryItem } from './tree';
import { w } from './words';

const SECTIONS = ['categories', 'teams', 'visits', 'shifts', 'backgrounds'] as const;
type Section = (typeof SECTIONS)[number];

interface Docs {
  categories: Doc<Tree>;
  teams: Doc<Item[]>;
  visits: Doc<Visits>;
  shifts: Doc<Item[]>;
  backgrounds: Doc<Item[]>;
}

/** Outlives the page: a look at the map loses nothing that was typed. */
let docs: Docs | null = null;
const section = signal<Section>('categories');

const list = (body: unknown): Item[] => (Array.isArray(body) ? (body as Item[]) : []);

function readTree(body: unknown): Tree {
  const { categories = [], incidents = {} } = (body ?? {}) as { categories?: Partial<CategoryItem>[]; incidents?: Record<string, number> };
  return {
    categories: categories.map((c) => ({ code: String(c.code), parent: c.parent ?? null, kind: c.kind ?? 'police', name_zh: c.name_zh ?? '', name_en: c.name_en ?? '', sensitive: c.sensitive === true, aliases: c.aliases ?? [] })),
    replace: {},
    incidents,
  };
}

function readVisits(body: unknown): Visits {
  const { by_priority = {}, by_compound = [] } = (body ?? {}) as Partial<Visits>;
  return { by_priority, by_compound };
}

function makeDocs(app: Controller): Docs {
  window.addEventListener('beforeunload', (event) => {
    if (docs && Object.values(docs).some((doc: Doc<unknown>) => doc.dirty.peek())) event.preventDefault();
  });
  const api = new EditApi(() => app.session.client.language);
  const at = (name: string): string => `/api/settings/${name}`;
  return {
    categories: new Doc(api, '/api/categories', readTree, ({ categories, replace }) => ({ categories, replace })),
    teams: new Doc(api, at('teams'), list),
    visits: new Doc(api, at('visits'), readVisits),
    shifts: new Doc(api, at('shifts'), list),
    backgrounds: new Doc(api, at('backgrounds'), list),
  };
}

export function SettingsScreen({ top, children }: { top: ComponentChildren; children?: ComponentChildren }): JSX.Element {
  const app = useApp();
  docs ??= makeDocs(app);
  const all = docs;
  const now = section.value;
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => void loadLater(), []);
  useEffect(() => {
    const abort = new AbortController();
    void all[now].load(abort.signal);
    return () => abort.abort();
  }, [now, app.session.client.language]);
  return (
    <div class="set-app">
      {top}
      <nav class="set-nav" aria-label={w('title')}>
        {SECTIONS.map((name) => (
          <button
            key={name}
            type="button"
            class="btn"
            aria-current={name === now ? 'page' : undefined}
            onClick={() => {
              section.value = name;
              head.current?.focus();
            }}
          >
            {w(`section.${name}`)}
            {all[name].dirty.value ? <span class="set-dot" title={w('unsaved')}><span class="visually-hidden">{w('unsaved')}</span></span> : null}
          </button>
        ))}
        <button type="button" class="btn set-back" onClick={() => app.set({ view: 'overview' })}>{w('back')}</button>
      </nav>
      <main class="set-main">
        <h2 ref={head} tabIndex={-1}>{w(`section.${now}`)}</h2>
        <p class="muted">{w(`hint.${now}`)}</p>
        <State name={now} doc={all[now] as Doc<unknown>} />
        {all[now].value.value === null ? null : (
          <>
            <div class="set-form">
              {now === 'categories' ? <CategoriesForm doc={all.categories} /> : now === 'teams' ? <Teams doc={all.teams} /> : now === 'visits' ? <VisitsForm doc={all.visits} /> : now === 'shifts' ? <Shifts doc={all.shifts} /> : <BackgroundsForm doc={all.backgrounds} />}
            </div>
            <Foot doc={all[now] as Doc<unknown>} onSaved={() => void (now === 'backgrounds' ? app.grounds.load() : app.session.retry())} />
            {now === 'categories' ? null : <Past key={now} doc={all[now] as Doc<unknown>} />}
          </>
        )}
      </main>
      {children}
    </div>
  );
}

/** Errors where they happened, and what somebody else saved meanwhile. */
function State({ name, doc }: { name: Section; doc: Doc<unknown> }): JSX.Element | null {
  const failure = doc.failure.value;
  if (doc.theirs.value !== null) {
    return (
      <div class="bar bar-warn" role="alert">
        <span>{w('conflict.text')}</span>
        <button type="button" class="btn btn-link" onClick={() => doc.takeTheirs()}>{w('conflict.take')}</button>
        <button type="button" class="btn btn-link" onClick={() => void doc.keepMine()}>{w('conflict.keep')}</button>
      </div>
    );
  }
  if (failure && doc.inUse.value.length === 0) {
    const text = failure === 'offline' ? w('offline') : failure === 'fields' ? w('fields') : failure;
    return <ErrorBar text={text} {...(doc.value.value === null ? { onRetry: () => void doc.load() } : { onClose: () => void (doc.failure.value = null) })} />;
  }
  if (doc.value.value === null) return <Skeleton key={name} lines={5} />;
  return null;
}

function Foot({ doc, onSaved }: { doc: Doc<unknown>; onSaved: () => void }): JSX.Element {
  const dirty = doc.dirty.value;
  const saving = doc.saving.value;
  const save = async (): Promise<void> => {
    if (dirty && !saving && (await doc.save())) onSaved();
  };
  return (
    <div class="set-foot">
      <span role="status" class={doc.saved.value && !dirty ? 'set-ok' : 'muted'}>{dirty ? w('unsaved') : doc.saved.value ? w('saved') : ''}</span>
      <button type="button" class="btn" aria-disabled={!dirty} onClick={() => dirty && doc.reset()}>{w('reset')}</button>
      <button type="button" class="btn btn-primary" aria-disabled={!dirty || saving} onClick={() => void save()}>{w(saving ? 'saving' : 'save')}</button>
    </div>
  );
}
