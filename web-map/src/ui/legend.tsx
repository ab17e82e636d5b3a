import type { JSX } from 'preact';
import { classRange, rampStep, type Breaks, type ClassMode } from '../classes';
import { fmt, t } from '../i18n';
import { Choice } from './choice';
import { KindSymbol } from './icons';
import { Section } from './section';
import { KINDS, type Measure } from './types';

export interface LegendProps {
  measure: Measure;
  /** Period in words, e.g. `近30天`. */
  period: string;
  /** The very breaks the map is drawn with. */
  breaks: Breaks;
  /** Grids per class, class 0 (zero) first. */
  sizes?: readonly number[];
  /** Classes kept by a filter; empty = all. */
  active: readonly number[];
  onClass?: (index: number) => void;
  onMeasure?: (measure: Measure) => void;
  mode?: ClassMode;
  onMode?: (mode: ClassMode) => void;
  /** Grids without a household number, hatched on the map. */
  noHouseholds: number;
  /** Incidents without a place. */
  unplaced: number;
  /** Placed, but in no grid. */
  outside?: number;
  /** Count by the grids of today instead of those of the day. */
  todaysGrids: boolean;
  /** The day in words whose grids are on the map, when it is not today. */
  gridsDay?: string | null;
  /** Who reported what is counted; empty = all. */
  found?: '' | 'resident' | 'patrol';
  /** How many of the counted patrols found. */
  patrol?: number | null;
  /** Incidents counted for grids that are not on the map any more. */
  retired?: { grids: number; count: number };
  /** There are no grids: nothing to color. */
  bare?: boolean;
}

/** `3–7` for counts, `3–8` with an open upper bound for rates, `30+` for the last. */
export function rangeText(index: number, breaks: Breaks, whole: boolean): string {
  const { from, to } = classRange(index, breaks);
  if (index <= 0) return '0';
  if (to === null) return `${fmt.num(from)}+`;
  const end = whole ? to - 1 : to;
  return end <= from ? fmt.num(from) : `${fmt.num(from)}–${fmt.num(end)}`;
}

/** Color, break and words of every class; a class is a button that keeps only its grids. */
export function Legend(props: LegendProps): JSX.Element {
  const { breaks, active, sizes, bare = false } = props;
  const measure = bare ? 'none' : props.measure;
  const n = breaks.length;
  const whole = measure !== 'rate';
  const classes = Array.from({ length: n + 1 }, (_, i) => i);
  return (
    <Section
      title={t('panel.legend')}
      note={measure === 'none' ? (bare ? props.period : undefined) : `${props.period} · ${t(`measure.unit.${measure}`)}`}
      class="legend"
    >
      {bare ? <Symbols /> : null}
      {props.onMeasure && !bare ? <MeasurePicker measure={measure} onMeasure={props.onMeasure} /> : null}
      {measure === 'none' ? null : n === 0 ? (
        <p class="muted small">{t('legend.empty')}</p>
      ) : (
        <div class="legend-chips" role="group" aria-label={t('panel.legend')}>
          {classes.map((i) => {
            const range = rangeText(i, breaks, whole);
            const name = sizes ? t('legend.class', { range, n: sizes[i] ?? 0 }) : range;
            const on = active.length === 0 || active.includes(i);
            return (
              <button
                key={i}
                type="button"
                class="legend-chip"
                data-off={!on}
                aria-pressed={active.includes(i)}
                aria-label={`${t('legend.classFilter', { range })}${sizes ? ` (${sizes[i] ?? 0})` : ''}`}
                title={name}
                disabled={!props.onClass}
                onClick={() => props.onClass?.(i)}
              >
                <i class={`swatch den-${rampStep(i, n)}`} />
                <span>{i === 0 ? '0' : i === n ? `${fmt.num(breaks[i - 1])}+` : fmt.num(breaks[i - 1])}</span>
              </button>
            );
          })}
        </div>
      )}
      {props.onMode && measure !== 'none' ? (
        <label class="legend-mode">
          <span class="visually-hidden">{t('legend.mode')}</span>
          <select class="field field-quiet" value={props.mode ?? 'quantile'} title={t(props.mode === 'equal' ? 'legend.equalHint' : 'legend.quantileHint')} onChange={(e) => props.onMode?.(e.currentTarget.value as ClassMode)}>
            <option value="quantile">{t('legend.quantile')}</option>
            <option value="equal">{t('legend.equal')}</option>
          </select>
          <span>{t('legend.frozen')}</span>
        </label>
      ) : null}
      <Doubts {...props} />
    </Section>
  );
}

export function MeasurePicker({ measure, onMeasure }: { measure: Measure; onMeasure: (m: Measure) => void }): JSX.Element {
  const all: readonly Measure[] = ['count', 'rate', 'none'];
  return <Choice label={t('measure.label')} value={measure} options={all.map((value) => ({ value, label: t(`measure.${value}`) }))} onChange={onMeasure} />;
}

/** What the colors leave out: missing denominators, few cases, places unknown; and what was counted. */
function Doubts({ measure, noHouseholds, unplaced, outside = 0, todaysGrids, gridsDay, found = '', patrol, retired, bare }: LegendProps): JSX.Element {
  const words: string[] = [];
  if (measure === 'rate' && !bare && noHouseholds > 0) words.push(t('legend.noHouseholds', { n: noHouseholds }));
  words.push(t('legend.unplaced', { n: unplaced }));
  if (outside > 0 && !bare) words.push(t('legend.outside', { n: outside }));
  if (retired && retired.count > 0) words.push(t('legend.retired', { n: retired.count, grids: retired.grids }));
  const rules = [found === '' ? (patrol ? t('legend.withPatrol', { n: patrol }) : '') : t(`legend.only.${found}`)];
  if (!bare) rules.push(t(todaysGrids ? 'legend.today' : 'legend.event'), gridsDay ? t('legend.gridsOn', { day: gridsDay }) : '');
  const line = (parts: readonly string[]): JSX.Element => (
    <p>
      {parts.filter(Boolean).map((word, i) => (
        <span key={word}>{i > 0 ? ' · ' : ''}<span class="phrase">{word}</span></span>
      ))}
    </p>
  );
  return (
    <div class="legend-doubts">
      {measure === 'rate' && !bare ? (
        <p class="legend-hatch">
          <svg class="swatch" viewBox="0 0 24 14" aria-hidden="true">
            <path class="hatch" d="M-3 14 11 0M3 14 17 0M9 14 23 0M15 14 29 0M-9 14 5 0" />
          </svg>
          {t('legend.hatch')}
        </p>
      ) : null}
      {line(words)}
      {rules.filter(Boolean).map((rule) => <p key={rule}>{rule}</p>)}
    </div>
  );
}

/** Without grids the symbols are what is to be explained. */
function Symbols(): JSX.Element {
  return (
    <>
      <ul class="legend-symbols">
        {KINDS.map((kind) => (
          <li key={kind} class="nowrap"><KindSymbol kind={kind} /> {t(`kind.${kind}`)}</li>
        ))}
      </ul>
      <p class="muted small">{t('legend.bare')}</p>
    </>
  );
}
