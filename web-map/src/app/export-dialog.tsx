import { useState } from 'preact/hooks';
import type { JSX } from 'preact';
import type { LayerName } from '../api/types';
import { fill, fmt, lang, t } from '../i18n';
import { exportEn } from '../i18n/export.en';
import { exportZh } from '../i18n/export.zh';
import { Dialog } from '../ui/dialog';
import { useApp } from './context';
import { exportUrl, type ExportFormat } from './exports';

const w = (key: keyof typeof exportZh): string => fill((lang.value === 'en' ? exportEn : exportZh)[key], {});

type Content = LayerName | 'all';

const LAYERS: readonly LayerName[] = ['incidents', 'routes', 'compounds', 'grids', 'streets'];
const FORMATS: readonly ExportFormat[] = ['xlsx', 'csv', 'gpkg', 'shp', 'geojson', 'kml', 'gpx'];

/** The kinds of file that some content can be saved as. */
export function formatsOf(content: Content): readonly ExportFormat[] {
  if (content === 'all') return ['gpkg'];
  // A track is a line; a device can follow nothing else.
  return content === 'routes' ? FORMATS : FORMATS.filter((format) => format !== 'gpx');
}

/** Any layer as any kind of file. */
export function ExportDialog({ onClose }: { onClose: () => void }): JSX.Element {
  const app = useApp();
  const [content, setContent] = useState<Content>('incidents');
  const [wanted, setWanted] = useState<ExportFormat>('xlsx');
  const formats = formatsOf(content);
  const format = formats.includes(wanted) ? wanted : (formats[0] ?? 'csv');
  const counts = new Map(app.session.meta.value?.layers.map((layer) => [layer.name, layer.count]));
  const count = (layer: LayerName): number => (layer === 'incidents' ? (app.session.total() ?? 0) : (counts.get(layer) ?? 0));
  const href = exportUrl(app, content === 'all' ? LAYERS.join(',') : content, format);
  return (
    <Dialog
      title={w('title')}
      onClose={onClose}
      foot={<a class="btn btn-primary" href={href} download onClick={() => setTimeout(onClose)}>{w('download')}</a>}
    >
      <fieldset>
        <legend class="small muted">{w('what')}</legend>
        {[...LAYERS, 'all' as const].map((each) => (
          <label class="row-plain" key={each}>
            <input type="radio" name="export-content" checked={each === content} onChange={() => setContent(each)} />
            {each === 'all' ? w('all') : t(`layer.${each}`)}
            {each === 'all' ? null : <span class="muted small">{fmt.num(count(each))}</span>}
          </label>
        ))}
      </fieldset>
      <fieldset>
        <legend class="small muted">{w('format')}</legend>
        {formats.map((each) => (
          <label class="row-plain" key={each}>
            <input type="radio" name="export-format" checked={each === format} onChange={() => setWanted(each)} />
            {w(`format.${each}`)}
          </label>
        ))}
      </fieldset>
      <p class="small muted">{w(content === 'all' ? 'package' : content === 'incidents' ? 'filtered' : 'whole')} {w('masked')}</p>
    </Dialog>
  );
}
