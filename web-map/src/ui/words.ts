/** Codes and property values of the server in the reader's words. */
import { fmt, t, tOr } from '../i18n';
import type { LayerName } from './types';

export type Props = Readonly<Record<string, unknown>>;

export const text = (value: unknown): string => (value === null || value === undefined ? '' : String(value));
export const number = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null);

const GROUP: Partial<Record<string, string>> = {
  'grids.kind': 'gridKind',
  'compounds.kind': 'compoundKind',
  'incidents.kind': 'kind',
  'compounds.priority': 'priority',
  'streets.class': 'class',
  'routes.mode': 'mode',
  'incidents.found': 'found',
  'incidents.status': 'status',
};

/** A property as it is shown: a known code in words, yes/no, a grouped number, a date; else the text itself. */
export function valueWord(layer: LayerName, name: string, value: unknown): string {
  if (value === null || value === undefined || value === '') return '—';
  const group = GROUP[`${layer}.${name}`];
  if (group) return tOr(`${group}.${String(value)}`, String(value));
  if (typeof value === 'boolean') return t(value ? 'yes' : 'no');
  if (typeof value === 'number') return fmt.num(value);
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value)) return fmt.time(value, false, true);
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value)) return fmt.day(value, true);
  if (Array.isArray(value)) return value.map(named).join(t('list.separator'));
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** One of a list: a place by its name. */
const named = (item: unknown): string => (typeof item === 'object' && item !== null && 'name' in item ? String(item.name) : String(item));

/** What a feature is called: its name, else its code, else its number. */
export function featureTitle(layer: LayerName, id: number, props: Props): string {
  return text(props.name) || text(props.code) || text(props.source_id) || `${t(`layer.${layer}`)} ${id}`;
}

/** Properties with a row of their own in the inspector; whatever else comes is an extra column. */
export const KNOWN: Record<LayerName, readonly string[]> = {
  grids: ['code', 'name', 'kind', 'community', 'post', 'households', 'valid_from', 'valid_to', 'source', 'source_id'],
  compounds: ['code', 'name', 'kind', 'community', 'priority', 'households', 'gates', 'source', 'source_id'],
  streets: ['name', 'class', 'oneway', 'foot', 'source', 'source_id'],
  routes: ['code', 'name', 'mode', 'checkpoints', 'source', 'source_id'],
  incidents: ['kind', 'category', 'category_name', 'occurred_at', 'date_only', 'reported_at', 'status', 'found', 'text', 'source', 'source_id', 'grid', 'special_grid', 'placed', 'place'],
};
