import { rampStep } from '../classes';
import { t } from '../i18n';
import { composeSheet, download } from '../map/sheet';
import { OVER_GROUND } from '../map/layers';
import { blend, readTokens } from '../map/tokens';
import { filterSentence } from '../ui/describe';
import { rangeText } from '../ui/legend';
import type { Controller } from './controller';
import { credit, dataText, datesText, filterWords, periodText } from './words';

/** The map with title, period, legend, scale and doubts, as a file. */
export async function saveImage(app: Controller): Promise<void> {
  const view = app.view.peek();
  if (!view) return;
  const { session, store } = app;
  const { measure } = store.state.peek();
  const breaks = session.breaks.peek();
  const stats = session.stats.state.peek().value;
  const tokens = readTokens();
  const missing = stats?.grids.filter((grid) => grid.households === null).length ?? 0;
  const sheet = composeSheet(
    view.snapshot(),
    view.map.getPixelRatio(),
    view.metersPerPixel(),
    {
      title: `${session.meta.peek()?.district.name ?? ''} ${t('layer.incidents')} · ${t('time.count', { n: session.total() ?? 0 })}${demoMark(app)}`,
      period: datesText(app),
      filters: filterSentence(filterWords(app)),
      legendTitle: measure === 'none' ? '' : `${periodText(app)} · ${t(`measure.unit.${measure}`)}`,
      legend: measure === 'none' ? [] : breaks.length ? [0, ...breaks].map((_, i) => ({ color: i === 0 ? tokens.land : blend(tokens.density[rampStep(i, breaks.length) - 1] ?? tokens.land, tokens.land, app.grounds.chosen.peek() ? OVER_GROUND : 1), label: rangeText(i, breaks, measure === 'count') })) : [],
      doubts: [measure === 'rate' && missing ? t('legend.noHouseholds', { n: missing }) : '', t('legend.unplaced', { n: stats?.unplaced ?? 0 })].filter(Boolean).join(' · '),
      asOf: t('map.asOf', { time: dataText(app) }),
      attribution: credit(app),
      north: t('map.northShort'),
    },
    tokens,
  );
  await download(sheet, `gridmap-${session.period.peek()?.to ?? 'all'}.png`);
}

/** The chip every made-up district carries, also on paper. */
function demoMark(app: Controller): string {
  const note = app.session.meta.value?.district.note;
  return note ? ` · ${t('app.demo')}` : '';
}

/** Grid counts of the legend's own answer, so that the file and the map agree. */
export function saveGrids(app: Controller): void {
  const rows = app.session.stats.state.peek().value?.grids ?? [];
  const head = [t('inspect.code'), t('inspect.name'), t('inspect.community'), t('inspect.households'), t('count'), t('inspect.per1000')];
  const cell = (value: string | number | null): string => {
    const text = value === null ? '' : String(value);
    // A leading sign would be read as a formula by spreadsheets.
    const safe = /^[=+\-@]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;
    return /[",\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
  };
  const lines = [head, ...rows.map((g) => [g.code, g.name, g.community, g.households, g.count, g.few || g.rate_per_1000 === null ? null : Number(g.rate_per_1000.toFixed(2))])];
  const csv = `\uFEFF${lines.map((line) => line.map(cell).join(',')).join('\r\n')}\r\n`;
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([csv], { type: 'text/csv' }));
  link.download = 'grids.csv';
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
