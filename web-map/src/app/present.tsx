import '../styles/present.css';
import { useEffect } from 'preact/hooks';
import { useSignal, useSignalEffect } from '@preact/signals';
import type { JSX } from 'preact';
import type { Counts } from '../api/types';
import { fmt, t } from '../i18n';
import { debounce, Loader } from '../state/loader';
import { firstDay, isSpecial, today } from '../state/session';
import { trendOf } from '../state/trend';
import type { Measure } from '../state/url';
import { Clock } from '../ui/clock';
import { Section } from '../ui/section';
import { KpiStrip } from '../ui/kpi';
import { ScaleBar } from '../ui/mapbits';
import { Trend } from '../ui/trend';
import { useApp } from './context';
import type { Controller } from './controller';
import { figures } from './kpi';
import { MapLegend } from './left';
import { dataText, datesText, described } from './words';

/** How long a view stays, how long an input holds it, and how often figures are asked for again. */
const STAY_MS = 20_000;
const HOLD_MS = 120_000;
const RENEW_MS = 300_000;
const TOP = 10;
const INPUTS = ['pointerdown', 'pointermove', 'wheel', 'keydown', 'touchstart'] as const;

/** The ways to draw that say something about these data, three at most. */
export function cycleOf(app: Controller): Measure[] {
  if (app.session.bare.value) return ['none'];
  const rated = app.session.stats.state.value.value?.grids.some((grid) => grid.rate_per_1000 !== null && !grid.few) ?? false;
  return rated ? ['count', 'rate', 'none'] : ['count', 'none'];
}

/** Title, figures, and what the map shows now, for a screen that many look at. */
export function PresentHead(): JSX.Element {
  const app = useApp();
  const meta = app.session.meta.value;
  const held = useCycle(app);
  useScale(app);
  const filters = described(app).map((part) => part.label);
  const { measure } = app.store.state.value;
  return (
    <header class="wall-head">
      <div class="wall-title">
        <h1>
          {meta?.district.name} {t('app.title')}
          {meta?.district.note ? <span class="badge badge-dashed">{meta.district.note}</span> : null}
        </h1>
        <p class="muted">{[datesText(app), ...filters, t('map.asOf', { time: dataText(app) })].filter(Boolean).join(' · ')}</p>
      </div>
      <div class="wall-controls">
        <span class="muted small" role="status">
          {t(app.session.bare.value ? 'legend.bareShort' : `measure.${measure}`)}
          {held.value ? ` · ${t('present.held')}` : ''}
        </span>
        {held.value ? <button type="button" class="btn btn-outline btn-small" onClick={() => (held.value = false)}>{t('present.resume')}</button> : null}
        <button type="button" class="btn btn-outline btn-small" onClick={() => app.present(false)}>{t('present.leave')}</button>
      </div>
      <KpiStrip items={figures(app)} />
    </header>
  );
}

/** Clock, trend, and the grids with the most. */
export function PresentSide(): JSX.Element {
  return (
    <>
      <div class="wall-column">
        <Hours />
        <DistrictTrend />
      </div>
      <div class="wall-column">
        <TopGrids />
      </div>
    </>
  );
}

/** The legend on the map itself, with the scale: nobody can open a panel there. */
export function PresentLegend(): JSX.Element {
  const app = useApp();
  const metres = app.camera.value ? app.view.value?.metersPerPixel() : undefined;
  return (
    <>
      {metres ? <ScaleBar metresPerPixel={metres} maxWidth={160} /> : null}
      <div class="wall-legend float"><MapLegend quiet /></div>
    </>
  );
}

/** Changes the way of drawing from time to time; any input holds it. `true` = held. */
function useCycle(app: Controller): { value: boolean } {
  const held = useSignal(false);
  useEffect(() => {
    let since = 0;
    const hold = (): void => {
      since = Date.now();
      if (!held.peek()) held.value = true;
    };
    // The very input that started this does not count as one.
    const listening = setTimeout(() => {
      for (const name of INPUTS) window.addEventListener(name, hold, { passive: true });
    }, 600);
    const start = app.store.state.peek().measure;
    const cycle = setInterval(() => {
      if (held.peek()) {
        if (Date.now() - since < HOLD_MS) return;
        held.value = false;
      }
      const all = cycleOf(app);
      const now = app.store.state.peek().measure;
      const next = all[(all.indexOf(now) + 1) % all.length];
      app.session.classes.value = [];
      if (next && next !== now) app.store.update({ measure: next }, 'replace');
    }, STAY_MS);
    const renew = setInterval(() => app.session.retry(), RENEW_MS);
    return () => {
      clearTimeout(listening);
      clearInterval(cycle);
      clearInterval(renew);
      for (const name of INPUTS) window.removeEventListener(name, hold);
      app.store.update({ measure: start }, 'replace');
    };
  }, []);
  return held;
}

/** Names on the map grow with the screen as the page's text does. */
function useScale(app: Controller): void {
  useEffect(() => {
    const root = document.documentElement;
    const fit = (): void => {
      root.style.setProperty('--text-scale', String(Math.max(1, parseFloat(getComputedStyle(root).fontSize) / 14)));
      app.renewTokens();
    };
    const rest = debounce(200, fit);
    fit();
    // The map learns its new size a frame later.
    const settled = setTimeout(() => app.settleWall(), 120);
    window.addEventListener('resize', rest);
    return () => {
      clearTimeout(settled);
      window.removeEventListener('resize', rest);
      root.style.removeProperty('--text-scale');
      app.renewTokens();
    };
  }, []);
}

function Hours(): JSX.Element | null {
  const app = useApp();
  const hours = useSignal<Loader<Counts>>(new Loader((query, abort) => app.session.client.counts('hour', query, abort)));
  useSignalEffect(() => {
    void app.session.changed.value;
    void hours.peek().load(app.session.query.value);
  });
  const counts = hours.value.state.value.value;
  if (!counts) return null;
  const byHour = Array.from({ length: 24 }, (_, hour) => counts.items.find((item) => Number(item.key) === hour)?.count ?? 0);
  return (
    <Section title={t('clock.title')}>
      <Clock byHour={byHour} dateOnly={counts.date_only} />
    </Section>
  );
}

function DistrictTrend(): JSX.Element | null {
  const app = useApp();
  const { session, store } = app;
  const meta = session.meta.value;
  const daily = session.histogram.state.value.value;
  if (!meta || !daily) return null;
  const { yearOnYear } = store.state.value;
  const period = session.period.value ?? { from: firstDay(meta), to: session.lastDay() };
  const line = trendOf(daily, period, { first: firstDay(meta), today: today(meta) }, yearOnYear ? 'year' : 'previous');
  if (!line) return null;
  return (
    <Section title={t('trend.title')}>
      <Trend {...line} beforeName={t(yearOnYear ? 'trend.year' : 'trend.previous')} />
    </Section>
  );
}

function TopGrids(): JSX.Element | null {
  const app = useApp();
  const { session, store } = app;
  const rate = store.state.value.measure === 'rate';
  const value = (grid: { count: number; few: boolean; rate_per_1000: number | null }): number => (rate ? (grid.few ? 0 : (grid.rate_per_1000 ?? 0)) : grid.count);
  const grids = (session.stats.state.value.value?.grids ?? []).filter((grid) => !isSpecial(grid.kind) && value(grid) > 0);
  const top = [...grids].sort((a, b) => value(b) - value(a) || a.id - b.id).slice(0, TOP);
  const most = top[0] ? value(top[0]) : 1;
  if (top.length === 0) return null;
  return (
    <Section title={t('present.top')} note={t(rate ? 'measure.unit.rate' : 'measure.unit.count')}>
      <ol class="wall-top">
        {top.map((grid) => (
          <li key={grid.id}>
            <span class="row-name">{grid.name || grid.code}</span>
            <span class="num">{fmt.num(value(grid), rate ? 1 : 0)}</span>
            <svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect width={(100 * value(grid)) / most} height="4" /></svg>
          </li>
        ))}
      </ol>
    </Section>
  );
}
