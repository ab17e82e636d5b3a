import type { LayerName } from '../api/types';
import { fmt, lang, t } from '../i18n';
import { civil } from '../i18n/format';
import { lastDay, today } from '../state/session';
import { describeFilter, periodWords, type Described, type FilterWords } from '../ui/describe';
import type { Controller } from './controller';

/** Name of a category in the reader's language; the code when it is not in the tree. */
export function categoryName(app: Controller, code: string): string {
  const found = app.session.meta.value?.categories.find((category) => category.code === code);
  if (!found) return code;
  return lang.value === 'en' ? found.name_en || found.name_zh : found.name_zh;
}

/** The filter as the sentences of chips, print and export need it. */
export function filterWords(app: Controller): FilterWords {
  const filter = app.session.filter.value;
  return { ...filter, categories: filter.categories.map((code) => ({ code, name: categoryName(app, code) })) };
}

export function described(app: Controller): Described[] {
  return describeFilter(filterWords(app));
}

/** `近30天`, or the dates. */
export function periodText(app: Controller): string {
  const meta = app.session.meta.value;
  return periodWords(app.session.period.value, meta ? lastDay(meta) : null, thisYear(app));
}

/** The dates themselves. */
export function datesText(app: Controller): string {
  const period = app.session.period.value;
  return period ? fmt.range(period.from, period.to, thisYear(app)) : t('time.all');
}

/** When the newest record happened: what the map can know of. */
export function dataText(app: Controller): string {
  const last = app.session.meta.value?.time?.last;
  if (!last) return '';
  // Where only days are known the last record is at midnight, which says nothing.
  return fmt.time(last, /T00:00(:00)?\b/.test(last), civil(last)?.year !== thisYear(app));
}

/** The year by the server's clock, which need not be said. */
function thisYear(app: Controller): number | undefined {
  const meta = app.session.meta.value;
  return meta ? Number(today(meta).slice(0, 4)) : undefined;
}

/** When the server last answered. */
export function asOfText(app: Controller): string {
  const at = app.session.asOf.value;
  return at === null ? '' : fmt.time(at / 1000);
}

/** Whose map lies below, with the number of its approval. */
export function groundCredit(app: Controller): string {
  const ground = app.grounds.chosen.value;
  if (!ground) return '';
  const { attribution, approval } = ground;
  return [attribution, approval && (/^审图号/.test(approval) ? approval : t('map.approval', { text: approval }))].filter(Boolean).join(' · ');
}

/** Sources of all that is on the map, none said twice. */
export function credit(app: Controller): string {
  const own = app.session.meta.value?.district.attribution ?? '';
  const ground = groundCredit(app);
  return own.includes(ground) ? own : ground.includes(own) ? ground : `${own} · ${ground}`;
}

export function layerTitle(layer: LayerName): string {
  return t(`layer.${layer}`);
}
