import type { JSX } from 'preact';
import { AboutDialog, KeysDialog, ShareDialog } from '../ui/dialog';
import { useApp } from './context';
import { ExportDialog } from './export-dialog';
import { saveImage } from './picture';

/** The dialog that is open, if any. */
export function Dialogs(): JSX.Element | null {
  const app = useApp();
  const close = (): void => {
    app.dialog.value = null;
  };
  if (app.dialog.value === 'share') {
    const url = window.location.origin + window.location.pathname + app.store.fragment();
    return <ShareDialog url={url} onClose={close} {...(app.view.value ? { onImage: () => void saveImage(app) } : {})} />;
  }
  if (app.dialog.value === 'export') return <ExportDialog onClose={close} />;
  if (app.dialog.value === 'keys') {
    return <KeysDialog on={app.singleKeys.value} onToggle={(on) => (app.singleKeys.value = on)} onAbout={() => (app.dialog.value = 'about')} onClose={close} />;
  }
  const meta = app.session.meta.value;
  if (app.dialog.value === 'about' && meta) {
    const { name, note, attribution } = meta.district;
    return <AboutDialog version={meta.version} revision={meta.revision} district={name} note={note} attribution={attribution} onClose={close} />;
  }
  return null;
}
