import type { ComponentChildren, JSX } from 'preact';
import { shapeArea, shapeLength, type Shape } from '../coords';
import { fmt, t } from '../i18n';
import { change } from '../i18n/format';
import { Clock, WeekdayBars } from './clock';
import { Icon, KindSymbol } from './icons';
import { Section } from './section';
import { Trend, type TrendProps } from './trend';
import { KINDS, type Kind, type LayerName } from './types';
import { featureTitle, KNOWN, number, text, valueWord, type Props } from './words';

export interface InspectedFeature {
  id: number;
  properties: Props;
  geometry?: Shape | null;
}

export interface PlaceItem {
  id: number;
  code?: string;
  name: string;
}

export interface HereFacts {
  lon: number;
  lat: number;
  grid: PlaceItem | null;
  special_grid: PlaceItem | null;
  community: string | null;
  compound: PlaceItem | null;
  street: (PlaceItem & { distance_m: number }) | null;
}

export interface RecentIncident {
  id: number;
  occurred_at: string;
  kind: Kind;
  category: string;
  category_name: string;
  place: string | null;
  status: string | null;
}

/** The server's summary of one feature. */
export interface FeatureSummary {
  feature: InspectedFeature;
  counts?: { total: number } & Record<Kind, number>;
  previous_total?: number | null;
  by_hour?: readonly number[];
  by_weekday?: readonly number[];
  recent?: readonly RecentIncident[];
  here?: HereFacts | null;
  category_name?: string | null;
}

/** What `/api/stats/grids` adds for a grid. */
export interface GridNumbers {
  households: number | null;
  households_from: 'grid' | 'compounds' | null;
  area_m2?: number;
  rate_per_1000: number | null;
  few: boolean;
}

interface InspectorProps {
  layer: LayerName;
  summary: FeatureSummary;
  grid?: GridNumbers | null;
  /** The period in words, e.g. `近30天`. */
  period: string;
  /** The period as a line; null when there is none. */
  trend?: TrendProps | null;
  /** The coordinate chip of the selection, if it has a place. */
  coordinates?: ComponentChildren;
  onOpen: (layer: LayerName, id: number) => void;
  onZoom?: () => void;
  /** What can be done with it. */
  actions?: ComponentChildren;
  /** Puts all records of this grid or place into the table. */
  onAll?: () => void;
  onPrevious?: () => void;
  onNext?: () => void;
}

/** Everything about the selected feature. */
export function Inspector(props: InspectorProps): JSX.Element {
  const { layer, summary, period } = props;
  const { feature, counts, by_hour: byHour, by_weekday: byWeekday, recent } = summary;
  const p = feature.properties;
  const crumb = [text(p.community), t(`layer.${layer}`)].filter(Boolean).join(' › ');
  const title = layer === 'incidents' ? text(summary.category_name) || text(p.category_name) || t('layer.incidents') : featureTitle(layer, feature.id, p);
  const code = text(p.code);
  const kind = layer === 'incidents' ? (KINDS.find((k) => k === p.kind) ?? null) : null;
  return (
    <article class="inspector fade-in">
      <header>
        <p class="crumb">{crumb}</p>
        <h2>
          {kind ? <KindSymbol kind={kind} /> : null}
          {title} {code && code !== title ? <span class="mono inspector-code">{code}</span> : null}
        </h2>
        <div class="inspector-actions">
          {props.onZoom ? <button type="button" class="btn btn-link btn-small" onClick={props.onZoom}>{t('action.zoomTo')}</button> : null}
          {props.actions}
          {props.onPrevious ? (
            <button type="button" class="btn btn-icon btn-small" aria-label={t('inspect.previousItem')} title={`${t('inspect.previousItem')} [`} onClick={props.onPrevious}><Icon name="left" /></button>
          ) : null}
          {props.onNext ? (
            <button type="button" class="btn btn-icon btn-small" aria-label={t('inspect.nextItem')} title={`${t('inspect.nextItem')} ]`} onClick={props.onNext}><Icon name="right" /></button>
          ) : null}
        </div>
      </header>
      <dl class="facts">
        {layer === 'incidents' ? <IncidentFacts {...props} /> : <PlaceFacts {...props} />}
        {counts ? (
          <Fact name={period}>
            <strong>{fmt.num(counts.total)}</strong> {t('measure.unit.count')} <Delta now={counts.total} before={summary.previous_total} />
          </Fact>
        ) : null}
        {counts && counts.total > 0 ? <Fact name={t('inspect.split')}><KindSplit counts={counts} /></Fact> : null}
        {layer === 'grids' && props.grid ? <RateFact grid={props.grid} /> : null}
        <ExtraFacts layer={layer} props={p} />
        {props.coordinates ? <Fact name={t('inspect.coordinates')}>{props.coordinates}</Fact> : null}
      </dl>
      {byHour && counts && counts.total > 0 ? (
        <Section title={t('clock.title')}>
          <Clock byHour={byHour} dateOnly={Math.max(0, counts.total - byHour.reduce((a, b) => a + b, 0))} />
        </Section>
      ) : null}
      {props.trend && counts && counts.total > 0 ? (
        <Section title={t('trend.title')}><Trend {...props.trend} /></Section>
      ) : null}
      {byWeekday && counts && counts.total > 0 ? (
        <Section title={t('weekdays.title')}><WeekdayBars byWeekday={byWeekday} /></Section>
      ) : null}
      {recent && layer !== 'incidents' ? (
        <Section title={t('inspect.recent')} note={counts ? fmt.num(counts.total) : undefined}>
          <RecentList recent={recent} onOpen={(id) => props.onOpen('incidents', id)} />
          {props.onAll && counts && counts.total > recent.length ? (
            <button type="button" class="btn btn-link btn-small" onClick={props.onAll}>{t('inspect.allRecords', { n: counts.total })}</button>
          ) : null}
        </Section>
      ) : null}
    </article>
  );
}

/** One line of a definition list; left out when there is nothing to say. */
export function Fact({ name, children }: { name: string; children: ComponentChildren }): JSX.Element | null {
  if (children === null || children === undefined || children === '' || children === '—') return null;
  return (
    <div class="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Delta({ now, before }: { now: number; before: number | null | undefined }): JSX.Element | null {
  const words = change(now, before);
  if (words === null || before === null || before === undefined) return null;
  return <span class={now > before ? 'up' : now < before ? 'down' : 'muted'}>{words}</span>;
}

function KindSplit({ counts }: { counts: Record<Kind, number> }): JSX.Element {
  return (
    <span class="kind-split">
      {KINDS.filter((k) => counts[k] > 0).map((k) => (
        <span key={k} class="nowrap">
          <KindSymbol kind={k} label={t(`kind.${k}`)} /> {fmt.num(counts[k])}
        </span>
      ))}
    </span>
  );
}

function RateFact({ grid }: { grid: GridNumbers }): JSX.Element {
  const words = grid.households === null ? t('inspect.householdsMissing') : grid.few ? t('inspect.few') : null;
  return (
    <Fact name={t('inspect.per1000')}>
      {words === null && grid.rate_per_1000 !== null ? `${fmt.num(grid.rate_per_1000, 1)} ${t('measure.unit.count')}` : <span class="muted">{words ?? '—'}</span>}
    </Fact>
  );
}

function PlaceFacts({ layer, summary, grid }: InspectorProps): JSX.Element {
  const p = summary.feature.properties;
  const word = (name: string): string => valueWord(layer, name, p[name]);
  const area = grid?.area_m2 ?? shapeArea(summary.feature.geometry);
  const metres = shapeLength(summary.feature.geometry);
  const households = grid?.households ?? number(p.households);
  const gates = Array.isArray(p.gates) ? p.gates.length : number(p.gates);
  return (
    <>
      {layer === 'grids' || layer === 'compounds' ? <Fact name={t('inspect.kind')}>{word('kind')}</Fact> : null}
      {layer === 'compounds' ? <Fact name={t('inspect.priority')}>{word('priority')}</Fact> : null}
      {layer === 'grids' ? <Fact name={t('inspect.post')}>{text(p.post)}</Fact> : null}
      {layer === 'grids' || layer === 'compounds' ? (
        <Fact name={t('inspect.households')}>
          {households === null ? <span class="muted">{t('inspect.householdsMissing')}</span> : fmt.num(households)}
          {grid?.households_from === 'compounds' ? <span class="muted small"> {t('inspect.householdsSum')}</span> : null}
        </Fact>
      ) : null}
      {gates !== null && gates > 0 ? <Fact name={t('inspect.gates')}>{t('inspect.gateCount', { n: gates })}</Fact> : null}
      {layer === 'streets' ? (
        <>
          <Fact name={t('inspect.class')}>{word('class')}</Fact>
          <Fact name={t('inspect.oneway')}>{word('oneway')}</Fact>
          <Fact name={t('inspect.foot')}>{word('foot')}</Fact>
        </>
      ) : null}
      {layer === 'routes' ? (
        <>
          <Fact name={t('inspect.mode')}>{word('mode')}</Fact>
          <Fact name={t('inspect.checkpoints')}>{word('checkpoints')}</Fact>
        </>
      ) : null}
      {area > 0 ? <Fact name={t('inspect.area')}>{fmt.area(area)}</Fact> : null}
      {metres > 0 ? <Fact name={t('inspect.length')}>{fmt.length(metres)}</Fact> : null}
      {layer === 'grids' ? <Fact name={t('inspect.valid')}>{validity(p)}</Fact> : null}
    </>
  );
}

function validity(p: Props): string {
  const parts = [
    p.valid_from ? t('inspect.since', { from: fmt.day(text(p.valid_from), true) }) : '',
    p.valid_to ? t('inspect.until', { to: fmt.day(text(p.valid_to), true) }) : '',
  ];
  return parts.filter(Boolean).join(' ');
}

function IncidentFacts({ summary, onOpen }: InspectorProps): JSX.Element {
  const p = summary.feature.properties;
  const dateOnly = p.date_only === true;
  const word = (name: string): string => valueWord('incidents', name, p[name]);
  return (
    <>
      <Fact name={t('inspect.kind')}>{word('kind')}</Fact>
      <Fact name={t('inspect.category')}>{text(summary.category_name) || text(p.category)}</Fact>
      <Fact name={t('inspect.occurred')}>
        {fmt.time(text(p.occurred_at), dateOnly, true)}
        {dateOnly ? <span class="muted small"> {t('inspect.dateOnly')}</span> : null}
      </Fact>
      {p.reported_at ? <Fact name={t('inspect.reported')}>{fmt.time(text(p.reported_at), false, true)}</Fact> : null}
      <Fact name={t('inspect.status')}>{word('status')}</Fact>
      <Fact name={t('inspect.found')}>{word('found')}</Fact>
      <Fact name={t('inspect.text')}>{text(p.text)}</Fact>
      {summary.feature.geometry === null ? (
        <Fact name={t('inspect.coordinates')}><span class="badge badge-dashed">{t('inspect.notPlaced')}</span></Fact>
      ) : null}
      {summary.here ? <HereRows here={summary.here} onOpen={onOpen} /> : null}
      <Fact name={t('inspect.source')}>{[text(p.source), text(p.source_id)].filter(Boolean).join(' · ')}</Fact>
    </>
  );
}

function ExtraFacts({ layer, props }: { layer: LayerName; props: Props }): JSX.Element {
  const extra = Object.entries(props).filter(([name, value]) => !KNOWN[layer].includes(name) && value !== null && value !== '');
  return (
    <>
      {extra.map(([name, value]) => (
        <Fact key={name} name={name}>{valueWord(layer, name, value)}</Fact>
      ))}
    </>
  );
}

function HereRows({ here, onOpen }: { here: HereFacts; onOpen: (layer: LayerName, id: number) => void }): JSX.Element {
  const link = (layer: LayerName, item: PlaceItem, more = ''): JSX.Element => (
    <button type="button" class="btn-text" onClick={() => onOpen(layer, item.id)}>
      {item.name || item.code}
      {more}
    </button>
  );
  return (
    <>
      <Fact name={t('inspect.grid')}>{here.grid ? link('grids', here.grid) : <span class="muted">{t('inspect.noGrid')}</span>}</Fact>
      {here.special_grid ? <Fact name={t('inspect.specialGrid')}>{link('grids', here.special_grid)}</Fact> : null}
      <Fact name={t('inspect.community')}>{here.community}</Fact>
      {here.compound ? <Fact name={t('inspect.compound')}>{link('compounds', here.compound)}</Fact> : null}
      {here.street ? (
        <Fact name={t('inspect.street')}>{link('streets', here.street, ` · ${fmt.length(here.street.distance_m)}`)}</Fact>
      ) : null}
    </>
  );
}

interface HereViewProps {
  here: HereFacts;
  coordinates: ComponentChildren;
  onOpen: (layer: LayerName, id: number) => void;
}

/** A point of the map that is no feature: what lies there. */
export function HereView({ here, coordinates, onOpen }: HereViewProps): JSX.Element {
  return (
    <article class="inspector fade-in">
      <header>
        <p class="crumb">{here.community ?? ' '}</p>
        <h2>{t('inspect.here')}</h2>
      </header>
      <dl class="facts">
        <HereRows here={here} onOpen={onOpen} />
        <Fact name={t('inspect.coordinates')}>{coordinates}</Fact>
      </dl>
    </article>
  );
}

/** The latest incidents as a small table; the time opens the record. */
export function RecentList({ recent, onOpen }: { recent: readonly RecentIncident[]; onOpen: (id: number) => void }): JSX.Element {
  if (recent.length === 0) return <p class="muted">{t('inspect.noRecent')}</p>;
  return (
    <table class="recent">
      <thead>
        <tr>
          <th scope="col">{t('table.time')}</th>
          <th scope="col">{t('table.kind')}</th>
          <th scope="col">{t('table.place')}</th>
          <th scope="col">{t('inspect.status')}</th>
        </tr>
      </thead>
      <tbody>
        {recent.map((r) => (
          <tr key={r.id} onClick={() => onOpen(r.id)}>
            <td><button type="button" class="btn-text nowrap">{fmt.short(r.occurred_at)}</button></td>
            <td><KindSymbol kind={r.kind} label={t(`kind.${r.kind}`)} /></td>
            <td title={r.category_name}>{r.place || <span class="muted">{r.category_name}</span>}</td>
            <td class="nowrap">{valueWord('incidents', 'status', r.status)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
