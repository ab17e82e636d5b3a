/** Calls of the import: uploading with progress, asking, choosing, storing, undoing. */
import { ApiError, isAbort, Offline } from '../api/client';
import type { LayerName, Problem as ApiProblem } from '../api/types';
import { readPlaces, readResult, readRows, readSession, readUndo, readUndone, readWrites } from './contract';
import type { Column, Options, PlaceItem, Result, Row, Session, Show, UndoPreview, UndoResult, Write } from './types';

export interface RowsQuery {
  show: Show;
  offset: number;
  limit: number;
  problem: string | null;
}

/** Writes of one page of the log. */
export const WRITES_PAGE = 20;

export function rowsPath(id: string, query: RowsQuery): string {
  const problem = query.problem ? `&problem=${encodeURIComponent(query.problem)}` : '';
  return `/api/imports/${id}/rows?show=${query.show}&offset=${query.offset}&limit=${query.limit}${problem}`;
}

/** One attempt to reach the server; the words of its answers are in `language`. */
export class ImportApi {
  constructor(
    private readonly language: () => string,
    private readonly send: typeof fetch = (input, init) => fetch(input, init),
  ) {}

  private async call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}, signal?: AbortSignal): Promise<unknown> {
    const all: Record<string, string> = { Accept: 'application/json', 'Accept-Language': this.language(), ...headers };
    if (body !== undefined) all['Content-Type'] = 'application/json';
    let answer: Response;
    try {
      answer = await this.send(path, { method, headers: all, body: body === undefined ? null : JSON.stringify(body), signal: signal ?? null, cache: 'no-store' });
    } catch (error) {
      if (isAbort(error)) throw error;
      throw new Offline();
    }
    const text = await answer.text();
    const json = parse(text);
    if (!answer.ok) throw refused(answer.status, json);
    return json;
  }

  /** Sends the files; settles with the id of the import. `signal` stops it. */
  upload(files: readonly File[], layer: LayerName | null, onProgress: (loaded: number, total: number) => void, signal: AbortSignal): Promise<string> {
    const form = new FormData();
    for (const file of files) form.append('file', file, file.name);
    if (layer) form.append('layer', layer);
    return new Promise((resolve, reject) => {
      // fetch does not tell how much of a body has been sent.
      const request = new XMLHttpRequest();
      request.open('POST', '/api/imports');
      request.setRequestHeader('Accept', 'application/json');
      request.setRequestHeader('Accept-Language', this.language());
      request.upload.addEventListener('progress', (event) => onProgress(event.loaded, event.lengthComputable ? event.total : 0));
      request.addEventListener('load', () => {
        const json = parse(request.responseText);
        const id = (json as { id?: unknown } | null)?.id;
        if (request.status >= 200 && request.status < 300 && (typeof id === 'string' || typeof id === 'number')) resolve(String(id));
        else reject(refused(request.status, json));
      });
      request.addEventListener('error', () => reject(new Offline()));
      request.addEventListener('abort', () => reject(new DOMException('stopped', 'AbortError')));
      signal.addEventListener('abort', () => request.abort());
      request.send(form);
    });
  }

  async session(id: string, signal?: AbortSignal): Promise<Session> {
    return readSession(await this.call('GET', `/api/imports/${id}`, undefined, {}, signal));
  }

  async options(id: string, options: Options): Promise<void> {
    await this.call('PUT', `/api/imports/${id}/options`, options);
  }

  async rows(id: string, columns: readonly Column[], query: RowsQuery, signal?: AbortSignal): Promise<{ total: number; rows: Row[] }> {
    return readRows(await this.call('GET', rowsPath(id, query), undefined, {}, signal), columns);
  }

  async places(id: string, signal?: AbortSignal): Promise<PlaceItem[]> {
    return readPlaces(await this.call('GET', `/api/imports/${id}/places`, undefined, {}, signal));
  }

  /** All or nothing; the same key again gives the same answer, so it may be repeated. */
  async commit(id: string, key: string): Promise<Result | null> {
    return readResult(await this.call('POST', `/api/imports/${id}/commit`, undefined, { 'Idempotency-Key': key }));
  }

  async cancel(id: string): Promise<void> {
    await this.call('DELETE', `/api/imports/${id}`);
  }

  rejectedUrl(id: string): string {
    return `/api/imports/${id}/rejected.csv?lang=${this.language().startsWith('en') ? 'en' : 'zh'}`;
  }

  /** The refused rows themselves: once the others are stored, the server has forgotten them. */
  async rejected(id: string): Promise<Blob> {
    const answer = await this.send(this.rejectedUrl(id), { headers: { 'Accept-Language': this.language() }, cache: 'no-store' });
    if (!answer.ok) throw refused(answer.status, null);
    return answer.blob();
  }

  /** The newest writes, or those before a revision. */
  async writes(before: number | null, signal?: AbortSignal): Promise<Write[]> {
    return readWrites(await this.call('GET', `/api/writes?limit=${WRITES_PAGE}${before === null ? '' : `&before=${before}`}`, undefined, {}, signal));
  }

  async undoPreview(revision: number, signal?: AbortSignal): Promise<UndoPreview> {
    return readUndo(await this.call('GET', `/api/writes/${revision}/undo`, undefined, {}, signal));
  }

  async undo(revision: number, edited: 'keep' | 'revert'): Promise<UndoResult> {
    return readUndone(await this.call('POST', `/api/writes/${revision}/undo`, { edited }));
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function refused(status: number, json: unknown): ApiError {
  const problem = json !== null && typeof json === 'object' ? (json as ApiProblem) : null;
  return new ApiError(status, problem, problem?.detail ?? problem?.title ?? `HTTP ${status}`);
}
