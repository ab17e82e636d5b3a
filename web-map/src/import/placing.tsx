import { useEffect, useId, useRef } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useApp } from '../app/context';
import { isAbort } from '../api/client';
import type { LayerName, SearchItem } from '../api/types';
import { fmt } from '../i18n';
import { Icon } from '../ui/icons';
import { useFlow } from './context';
import { PARTS } from './issues';
import { choiceOf, choose, confirmAll, offered, sameChoice, tally } from './places';
import type { PlaceChoice, PlaceItem, PlaceOffer } from './types';
import { layerName, w } from './words';

/** Texts shown at once; thousands of spellings come in pages of this size. */
const SHOWN = 40;

/** Names of places chosen by search, which the server's list need not contain. */
const named = new Map<string, string>();
const keyOf = (choice: PlaceChoice): string => (choice === 'unplaced' ? choice : `${choice.layer}/${choice.id}`);

function nameOf(item: PlaceItem, choice: PlaceChoice | null): string {
  if (choice === null) return '';
  if (choice === 'unplaced') return w('places.isUnplaced');
  return offered(item, choice)?.name ?? named.get(keyOf(choice)) ?? `${layerName(choice.layer)} ${choice.id}`;
}

/** Place texts without coordinates: confirm what was found, choose another, or leave them off the map. */
export function Places(): JSX.Element | null {
  const flow = useFlow();
  const items = flow.places.value ?? [];
  const shown = useSignal(SHOWN);
  const open = useSignal<string | null>(null);
  if (items.length === 0) return null;
  const sums = tally(flow.draft.value, items);
  return (
    <section class="imp-part" id={PARTS.places} tabIndex={-1} aria-labelledby="imp-places-title">
      <div class="imp-section-head">
        <h3 id="imp-places-title">{w('places.title')}</h3>
        <span class="muted small">{w('places.note', { n: sums.texts, rows: sums.rows })}</span>
        <span class="small imp-left" role="status">{sums.open > 0 ? w('places.left', { n: sums.open }) : w('places.settled')}</span>
        {sums.open > 0 ? (
          <button type="button" class="btn btn-outline btn-small" onClick={() => flow.edit((options) => confirmAll(options, items))}>{w('places.all', { n: sums.open })}</button>
        ) : null}
      </div>
      <p class="muted small">{w('places.hint')}</p>
      <div class="imp-card">
        <table class="imp-places">
          <thead>
            <tr>
              <th scope="col">{w('places.text')}</th>
              <th scope="col" class="num">{w('places.rows')}</th>
              <th scope="col">{w('places.at')}</th>
              <th scope="col"><span class="visually-hidden">{w('places.confirm')}</span></th>
            </tr>
          </thead>
          <tbody>
            {items.slice(0, shown.value).map((item) => (
              <PlaceRow key={item.text} item={item} open={open.value === item.text} onOpen={(on) => (open.value = on ? item.text : null)} />
            ))}
          </tbody>
        </table>
      </div>
      {items.length > shown.value ? (
        <button type="button" class="btn btn-link btn-small" onClick={() => (shown.value += SHOWN)}>
          {w('undo.more', { n: items.length - shown.value })}
        </button>
      ) : null}
    </section>
  );
}

function PlaceRow({ item, open, onOpen }: { item: PlaceItem; open: boolean; onOpen: (open: boolean) => void }): JSX.Element {
  const flow = useFlow();
  const choice = choiceOf(flow.draft.value, item);
  const opener = useRef<HTMLButtonElement>(null);
  const put = (next: PlaceChoice): void => flow.edit((options) => choose(options, item.text, next));
  const show = (offer: PlaceOffer | null): void => {
    if (offer?.at) flow.picked.value = { row: 0, cells: [], result: 'new', unplaced: false, to_confirm: false, words: offer.name, at: offer.at, notes: [] };
  };
  const shut = (): void => {
    onOpen(false);
    opener.current?.focus();
  };
  return (
    <>
      <tr data-choice={choice === null ? 'open' : choice === 'unplaced' ? 'unplaced' : 'placed'}>
        <th scope="row">{item.text}</th>
        <td class="num">{fmt.num(item.rows)}</td>
        <td>
          {choice !== null ? (
            <span class="imp-place">
              {choice === 'unplaced' ? null : <Icon name="check" />}
              {nameOf(item, choice)}
              {choice === 'unplaced' ? null : <span class="visually-hidden"> ({w('places.confirmed')})</span>}
            </span>
          ) : item.proposal ? (
            <button type="button" class="btn-text imp-place" title={w('preview.showOnMap')} onClick={() => show(item.proposal)}>
              {item.proposal.name}
              <span class="muted small"> {layerName(item.proposal.layer)} · {w('places.proposed')}</span>
            </button>
          ) : (
            <span class="muted">{w('places.none')}</span>
          )}
        </td>
        <td class="imp-place-acts">
          {choice === null && item.proposal ? (
            <button type="button" class="btn btn-outline btn-small" onClick={() => item.proposal && put(item.proposal)}>
              {w('places.confirm')}
              <span class="visually-hidden"> {w('places.confirmThis', { text: item.text, name: item.proposal.name })}</span>
            </button>
          ) : null}
          <button ref={opener} type="button" class="btn btn-link btn-small" aria-expanded={open} onClick={() => onOpen(!open)}>
            {w('places.other')}
            <span class="visually-hidden"> {w('quoted', { text: item.text })}</span>
          </button>
          {choice !== 'unplaced' ? (
            <button type="button" class="btn btn-link btn-small" onClick={() => put('unplaced')}>
              {w('places.unplaced')}
              <span class="visually-hidden"> {w('quoted', { text: item.text })}</span>
            </button>
          ) : null}
        </td>
      </tr>
      {open ? (
        <tr class="imp-place-more">
          <td colSpan={4}>
            <OtherPlace
              item={item}
              choice={choice}
              onShow={show}
              onPick={(offer) => {
                named.set(keyOf(offer), offer.name);
                put(offer);
                shut();
              }}
              onClose={shut}
            />
          </td>
        </tr>
      ) : null}
    </>
  );
}

const GROUPS: readonly LayerName[] = ['compounds', 'streets', 'grids', 'routes'];

function offersOf(items: readonly SearchItem[]): PlaceOffer[] {
  return items.flatMap((hit) => (hit.layer && hit.id !== undefined && GROUPS.includes(hit.layer) ? [{ layer: hit.layer, id: hit.id, name: hit.name, at: [hit.lon, hit.lat] as [number, number] }] : []));
}

/** The other proposals, and a search for any other place. */
function OtherPlace({ item, choice, onPick, onShow, onClose }: { item: PlaceItem; choice: PlaceChoice | null; onPick: (offer: PlaceOffer) => void; onShow: (offer: PlaceOffer) => void; onClose: () => void }): JSX.Element {
  const app = useApp();
  const id = useId();
  const text = useSignal('');
  const found = useSignal<{ q: string; offers: PlaceOffer[] } | null>(null);
  useEffect(() => {
    document.getElementById(id)?.focus();
    let stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const off = text.subscribe((value) => {
      const q = value.trim();
      clearTimeout(timer);
      stop.abort();
      stop = new AbortController();
      const { signal } = stop;
      if (!q) {
        found.value = null;
        return;
      }
      timer = setTimeout(() => {
        app.session.client.search(q, signal).then(
          (answer) => (found.value = { q, offers: offersOf(answer.groups.flatMap((group) => group.items)) }),
          (error: unknown) => {
            if (!isAbort(error)) found.value = { q, offers: [] };
          },
        );
      }, 150);
    });
    return () => {
      off();
      clearTimeout(timer);
      stop.abort();
    };
  }, []);
  const offers = found.value ? found.value.offers : [item.proposal, ...item.others].filter((o): o is PlaceOffer => o !== null);
  return (
    <div
      class="imp-other"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        onClose();
      }}
    >
      <label class="visually-hidden" for={id}>{w('places.otherFor', { text: item.text })}</label>
      <input id={id} class="field" type="search" placeholder={w('places.search')} value={text.value} onInput={(event) => (text.value = event.currentTarget.value)} />
      <ul role="list">
        {offers.map((offer) => (
          <li key={keyOf(offer)}>
            <button type="button" class="btn btn-outline btn-small" aria-pressed={sameChoice(choice, offer)} onPointerEnter={() => onShow(offer)} onFocus={() => onShow(offer)} onClick={() => onPick(offer)}>
              {offer.name} <span class="small imp-offer-layer">{layerName(offer.layer)}</span>
            </button>
          </li>
        ))}
      </ul>
      <span role="status" class="muted small">{found.value && found.value.offers.length === 0 ? w('places.searchNone', { q: found.value.q }) : ''}</span>
    </div>
  );
}
