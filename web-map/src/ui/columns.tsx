import type { ComponentChildren } from 'preact';
import { fmt, t } from '../i18n';
import { KindSymbol } from './icons';
import { KINDS, type LayerName } from './types';
import { text, valueWord, type Props } from './words';

export interface Column {
  /** Property the column shows and is sorted by. */
  key: string;
  label: string;
  number?: boolean;
  /** The server can sort by it. */
  sortable?: boolean;
  mono?: boolean;
  /** Left out on narrow screens. */
  wide?: boolean;
  render: (values: Props) => ComponentChildren;
}

interface ColumnOptions {
  /** Name of a category code. */
  categoryName: (code: string) => string;
  /** Name of a grid code; the code itself is shown without it. */
  gridName?: (code: string) => string;
  /** Extra columns the layer was imported with. */
  extra?: readonly { name: string; type: string }[];
}

/** The columns of a layer's table. Grids expect the fields of `/api/stats/grids`, the others feature properties. */
export function columnsFor(layer: LayerName, { categoryName, gridName = (code) => code, extra = [] }: ColumnOptions): Column[] {
  const plain = (key: string, label: string, more: Partial<Column> = {}): Column => ({
    key,
    label,
    sortable: true,
    render: (v) => valueWord(layer, key, v[key]),
    ...more,
  });
  const columns: Record<LayerName, Column[]> = {
    grids: [
      plain('code', t('inspect.code'), { mono: true }),
      plain('name', t('inspect.name')),
      plain('kind', t('inspect.kind'), { wide: true }),
      plain('community', t('inspect.community'), { wide: true }),
      plain('households', t('inspect.households'), {
        number: true,
        render: (v) => (v.households_from === 'compounds' ? <span title={t('inspect.householdsSum')}>≈{fmt.num(v.households as number)}</span> : valueWord(layer, 'households', v.households)),
      }),
      plain('area_m2', t('inspect.area'), { number: true, wide: true, render: (v) => (typeof v.area_m2 === 'number' ? fmt.area(v.area_m2) : '—') }),
      plain('count', t('table.count'), { number: true }),
      plain('rate_per_1000', t('inspect.per1000'), {
        number: true,
        render: (v) => (v.few === true ? <span class="muted" title={t('inspect.few')}>{'<5'}</span> : typeof v.rate_per_1000 === 'number' ? fmt.num(v.rate_per_1000, 1) : '—'),
      }),
    ],
    compounds: [
      plain('name', t('inspect.name')),
      plain('kind', t('inspect.kind')),
      plain('priority', t('inspect.priority')),
      plain('households', t('inspect.households'), { number: true }),
      plain('community', t('inspect.community'), { wide: true }),
      plain('code', t('inspect.code'), { mono: true, wide: true }),
    ],
    streets: [
      plain('name', t('inspect.name')),
      plain('class', t('inspect.class')),
      plain('oneway', t('inspect.oneway')),
      plain('foot', t('inspect.foot'), { wide: true }),
    ],
    routes: [
      plain('code', t('inspect.code'), { mono: true }),
      plain('name', t('inspect.name')),
      plain('mode', t('inspect.mode')),
      plain('checkpoints', t('inspect.checkpoints'), { wide: true, sortable: false }),
    ],
    incidents: [
      plain('occurred_at', t('table.time'), { render: (v) => <span class="nowrap">{fmt.time(text(v.occurred_at), v.date_only === true)}</span> }),
      plain('kind', t('table.kind'), {
        render: (v) => {
          const kind = KINDS.find((k) => k === v.kind);
          return kind ? <span class="nowrap"><KindSymbol kind={kind} /> {t(`kind.${kind}`)}</span> : text(v.kind);
        },
      }),
      plain('category', t('inspect.category'), { render: (v) => text(v.category_name) || categoryName(text(v.category)) }),
      plain('grid', t('inspect.grid'), { sortable: false, render: (v) => gridName(text(v.grid)) || (v.placed === false ? t('inspect.notPlaced') : '—') }),
      plain('status', t('inspect.status')),
      plain('text', t('inspect.text'), { wide: true, sortable: false, render: (v) => <span class="clip">{text(v.text)}</span> }),
    ],
  };
  return [
    ...columns[layer],
    ...extra.map(({ name, type }) => plain(name, name, { wide: true, number: type === 'integer' || type === 'real' || type === 'number' })),
  ];
}
