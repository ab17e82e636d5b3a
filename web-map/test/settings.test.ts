import { describe, expect, it } from 'vitest';
import { EditApi } from '../src/draw/api';
import { Doc, swapped, withAt, withoutAt } from '../src/settings/doc';
import { numberOr } from '../src/settings/rows';
import { aliasesOf, changed, family, freeCode, isCode, nodes, possibleParents, removed, shifted, type CategoryItem } from '../src/settings/tree';

const item = (code: string, parent: string | null, kind: CategoryItem['kind'] = 'police'): CategoryItem => ({ code, parent, kind, name_zh: code, name_en: '', sensitive: false, aliases: [] });
const tree = [item('a', null), item('a.1', 'a'), item('a.1.x', 'a.1'), item('a.2', 'a'), item('b', null), item('h', null, 'hotline')];

describe('the category tree', () => {
  it('lists parents before children with their depth, also when children come first', () => {
    expect(nodes([...tree].reverse()).map(({ item: { code }, depth }) => `${depth}${code}`)).toEqual(['0h', '0b', '0a', '1a.2', '1a.1', '2a.1.x']);
    // A parent that is not there makes a top one.
    expect(nodes([item('z', 'gone')])).toHaveLength(1);
  });

  it('moves nothing below itself or to another kind', () => {
    expect([...family(tree, 'a')].sort()).toEqual(['a', 'a.1', 'a.1.x', 'a.2']);
    expect(possibleParents(tree, 'a.1').map((c) => c.code)).toEqual(['a', 'a.2', 'b']);
    expect(removed(tree, 'a').map((c) => c.code)).toEqual(['b', 'h']);
  });

  it('changes one and shifts among siblings', () => {
    expect(changed(tree, 'a.1', { name_zh: '新' }).find((c) => c.code === 'a.1')?.name_zh).toBe('新');
    expect(changed(tree, 'a', { kind: 'dispute' }).filter((c) => c.kind === 'dispute')).toHaveLength(4);
    expect(nodes(shifted(tree, 'a.2', -1)).map((n) => n.item.code)).toEqual(['a', 'a.2', 'a.1', 'a.1.x', 'b', 'h']);
    expect(shifted(tree, 'a.1', -1)).toEqual(tree);
    expect(nodes(shifted(tree, 'b', -1)).map((n) => n.item.code).slice(0, 2)).toEqual(['b', 'a']);
  });

  it('makes codes the server takes and splits other names at any comma', () => {
    expect(isCode(freeCode(tree, 'a', 'police'))).toBe(true);
    expect(freeCode([...tree, item('a.new-1', 'a')], 'a', 'police')).toBe('a.new-2');
    expect(isCode('Abc')).toBe(false);
    expect(aliasesOf('电诈、网诈，电诈; 刷单')).toEqual(['电诈', '网诈', '刷单']);
  });
});

describe('a document', () => {
  interface Call {
    method: string;
    etag: string | undefined;
    body: unknown;
  }
  const answer = (status: number, body: unknown, etag = ''): Response => new Response(JSON.stringify(body), { status, headers: etag ? { ETag: etag } : {} });
  const make = (answers: Response[]): { doc: Doc<unknown[]>; calls: Call[] } => {
    const calls: Call[] = [];
    const send = (async (_: unknown, init: RequestInit) => {
      calls.push({ method: String(init.method), etag: (init.headers as Record<string, string>)['If-Match'], body: init.body ? JSON.parse(String(init.body)) : undefined });
      return answers.shift() as Response;
    }) as typeof fetch;
    return { doc: new Doc(new EditApi(() => 'zh-CN', send), '/api/settings/teams', (body) => body as unknown[]), calls };
  };

  it('goes back with the tag it was read with', async () => {
    const { doc, calls } = make([answer(200, [], '"1"'), answer(200, [1], '"2"'), answer(200, [1, 2], '"3"')]);
    await doc.load();
    expect(doc.dirty.value).toBe(false);
    doc.set([1]);
    expect(doc.dirty.value).toBe(true);
    expect(await doc.save()).toBe(true);
    expect(doc.dirty.value).toBe(false);
    doc.set([1, 2]);
    await doc.save();
    expect(calls.map((call) => [call.method, call.etag])).toEqual([['GET', undefined], ['PUT', '"1"'], ['PUT', '"2"']]);
  });

  it('shows what somebody else saved and lets the person choose', async () => {
    const { doc, calls } = make([answer(200, [], '"1"'), answer(412, { title: 'x', status: 412 }), answer(200, [9], '"2"'), answer(200, [1], '"3"')]);
    await doc.load();
    doc.set([1]);
    expect(await doc.save()).toBe(false);
    expect(doc.theirs.value).toEqual([9]);
    expect(doc.value.value).toEqual([1]);
    expect(await doc.keepMine()).toBe(true);
    expect(calls[3]).toEqual({ method: 'PUT', etag: '"2"', body: [1] });
    expect(doc.theirs.value).toBeNull();
  });

  it('puts what is wrong beside its field and keeps what was typed', async () => {
    const problems = [{ index: 0, code: 'bad_setting', detail: '/0/size 应为 1 到 100', property: '/0/size', at: null }];
    const { doc } = make([answer(200, [], '"1"'), answer(422, { title: 'x', status: 422, detail: 'y', problems })]);
    await doc.load();
    doc.set([{ size: 0 }]);
    await doc.save();
    expect(doc.wrongs.value).toEqual({ '/0/size': '应为 1 到 100' });
    expect(doc.value.value).toEqual([{ size: 0 }]);
    doc.reset();
    expect(doc.value.value).toEqual([]);
    expect(doc.wrongs.value).toEqual({});
  });

  it('names the categories that are in use', async () => {
    const { doc } = make([answer(200, [], '"1"'), answer(409, { title: 'x', status: 409, in_use: [{ code: 'a', incidents: 3 }] })]);
    await doc.load();
    doc.set([1]);
    await doc.save();
    expect(doc.inUse.value).toEqual([{ code: 'a', incidents: 3 }]);
  });
});

describe('rows', () => {
  it('come, go and change places', () => {
    expect(withoutAt([1, 2, 3], 1)).toEqual([1, 3]);
    expect(withAt([1, 2], 0, 9)).toEqual([9, 2]);
    expect(swapped([1, 2, 3], 0, 1)).toEqual([2, 1, 3]);
    expect(swapped([1, 2], 0, -1)).toEqual([1, 2]);
    expect(numberOr('12')).toBe(12);
    expect(numberOr(' ')).toBeNull();
    expect(numberOr('十')).toBe('十');
  });
});
