import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { DATUM_NAMES, formatLonLat, parseCoordinates, type Candidate } from '../coords';
import { fmt, t, tOr } from '../i18n';
import { Icon, type IconName } from './icons';
import type { LayerName } from './types';

export interface SearchHit {
  layer?: LayerName;
  id?: number;
  code?: string | null;
  name: string;
  detail?: string | null;
  datum?: 'wgs84' | 'gcj02' | 'bd09';
  lon: number;
  lat: number;
  bbox?: readonly [number, number, number, number] | null;
}

export interface SearchGroup {
  group: string;
  items: readonly SearchHit[];
}

interface SearchBoxProps {
  query: string;
  onQuery: (query: string) => void;
  /** Answers to `query`; null before the first. */
  groups: readonly SearchGroup[] | null;
  loading?: boolean;
  onPick: (hit: SearchHit, group: string) => void;
  /** Called when an answer is only pointed at, to show it on the map before jumping; null when none is. */
  onPreview?: (hit: SearchHit | null) => void;
  /** Earlier searches of this browser, offered while the box is empty. */
  recent?: readonly string[];
  /** Receives the input, so that `/` can focus it. */
  inputRef?: (input: HTMLInputElement | null) => void;
}

const ICONS: Record<string, IconName> = { grids: 'grid', compounds: 'building', streets: 'street', routes: 'route', coordinates: 'pin', recent: 'clock' };

/** Coordinates are read here at once; the server's answer, when it comes, replaces nothing of them. */
export function coordinateHits(query: string): SearchHit[] {
  const candidates = parseCoordinates(query);
  const both = candidates.some((c) => c.swapped) && candidates.some((c) => !c.swapped);
  return candidates.map((c: Candidate) => ({
    name: formatLonLat(c.read),
    detail: [t('search.readAs', { datum: DATUM_NAMES[c.datum] }), both && c.swapped ? t('search.swapped') : ''].filter(Boolean).join(' · '),
    datum: c.datum,
    lon: c.at[0],
    lat: c.at[1],
  }));
}

/** Search as a WAI-ARIA combobox with grouped answers. */
export function SearchBox(props: SearchBoxProps): JSX.Element {
  const { query, onQuery, onPick, onPreview, loading = false } = props;
  const id = useId();
  const [open, setOpen] = useState(false);
  const [pointed, setActive] = useState(-1);
  const root = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLInputElement | null>(null);
  const typed = query.trim();

  const groups: SearchGroup[] = [];
  if (typed === '') {
    if (props.recent && props.recent.length > 0) groups.push({ group: 'recent', items: props.recent.map((name) => ({ name, lon: 0, lat: 0 })) });
  } else {
    const own = coordinateHits(typed);
    if (own.length > 0) groups.push({ group: 'coordinates', items: own });
    for (const g of props.groups ?? []) if (g.items.length > 0 && (g.group !== 'coordinates' || own.length === 0)) groups.push(g);
  }
  const flat = groups.flatMap((g) => g.items.map((hit) => ({ hit, group: g.group })));
  // Answers that come in later may be fewer than those pointed into.
  const active = Math.min(pointed, flat.length - 1);
  const expanded = open && (typed !== '' || flat.length > 0);

  useLayoutEffect(() => setActive(typed === '' ? -1 : 0), [typed]);
  useEffect(() => {
    const hit = expanded ? flat[active] : undefined;
    onPreview?.(hit && hit.group !== 'recent' ? hit.hit : null);
    if (expanded) root.current?.querySelector('[role=option][aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  }, [active, expanded, props.groups]);

  const choose = (index: number): void => {
    const picked = flat[index];
    if (!picked) return;
    if (picked.group === 'recent') {
      onQuery(picked.hit.name);
      return;
    }
    onPick(picked.hit, picked.group);
    setOpen(false);
    input.current?.blur();
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    // The keys of an input method's own candidate window are not ours.
    if (event.isComposing) return;
    const n = flat.length;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      setOpen(true);
      if (n > 0) setActive((active + (event.key === 'ArrowDown' ? 1 : -1) + n) % n);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      if (expanded) choose(Math.max(0, active));
    } else if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      if (expanded) setOpen(false);
      else if (query !== '') onQuery('');
      else input.current?.blur();
    }
  };

  let index = -1;
  return (
    <div
      class="search"
      ref={root}
      role="search"
      onFocusOut={(e) => {
        if (!root.current?.contains(e.relatedTarget as Node | null)) setOpen(false);
      }}
    >
      <input
        ref={(el) => {
          input.current = el;
          props.inputRef?.(el);
        }}
        class="field"
        type="text"
        role="combobox"
        autocomplete="off"
        spellcheck={false}
        enterkeyhint="search"
        placeholder={t('search.placeholder')}
        aria-label={t('search.label')}
        aria-expanded={expanded}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={expanded && active >= 0 ? `${id}-${active}` : undefined}
        aria-keyshortcuts="/"
        value={query}
        onInput={(e) => {
          setOpen(true);
          onQuery(e.currentTarget.value);
        }}
        onFocus={() => setOpen(true)}
        onClick={() => setOpen(true)}
        onKeyDown={onKeyDown}
      />
      {query === '' ? (
        <kbd class="kbd search-key" title={t('search.hint')} aria-hidden="true">/</kbd>
      ) : (
        <button type="button" class="search-clear" aria-label={t('search.clear')} onClick={() => { onQuery(''); input.current?.focus(); }}>
          <Icon name="close" />
        </button>
      )}
      <div class="search-list float" id={`${id}-list`} role="listbox" aria-label={t('search.label')} hidden={!expanded || flat.length === 0}>
        {groups.map((g) => (
          <div role="group" key={g.group} aria-labelledby={`${id}-g-${g.group}`}>
            <div class="search-group" id={`${id}-g-${g.group}`}>{tOr(`group.${g.group}`, g.group)}</div>
            {g.items.map((hit) => {
              index += 1;
              const at = index;
              return (
                <div
                  key={at}
                  id={`${id}-${at}`}
                  class="search-hit"
                  role="option"
                  aria-selected={at === active}
                  onPointerMove={() => setActive(at)}
                  onMouseDown={(e) => e.preventDefault()}
                  onClick={() => choose(at)}
                >
                  <Icon name={ICONS[g.group] ?? 'pin'} />
                  <span class={g.group === 'coordinates' ? 'mono' : ''}>{hit.name}</span>
                  {hit.code && hit.code !== hit.name ? <span class="mono muted">{hit.code}</span> : null}
                  {hit.detail ? <span class="search-detail">{hit.detail}</span> : null}
                </div>
              );
            })}
          </div>
        ))}
      </div>
      {expanded && flat.length === 0 ? (
        <p class="search-list search-none float">{loading || props.groups === null ? t('search.loading') : t('search.none', { q: typed })}</p>
      ) : null}
      <span class="visually-hidden" role="status">
        {expanded && !loading && typed !== '' ? t('search.results', { n: fmt.num(flat.length) }) : ''}
      </span>
    </div>
  );
}
