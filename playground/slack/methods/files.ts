/** files.*: uploading in three steps, reading and deleting. */
import type { Args } from '../args.ts';
import { type Json, objectOf, textOf } from '../json.ts';
import type { StoredFile } from '../records.ts';
import { Refusal } from '../refusal.ts';
import { fileOnWire } from '../wireFiles.ts';
import type { Workspace } from '../workspace.ts';
import { type Methods, type World, writableChannel } from './method.ts';

function fileOf(world: World, id: string | undefined): StoredFile {
  const found = world.workspace.files.get(id ?? '');
  if (!found || !seesFile(world.workspace, found)) throw new Refusal('file_not_found');
  if (found.deleted) throw new Refusal('file_deleted');
  return found;
}

/** The app sees its own files and those shared in conversations that it is in. */
export function seesFile(workspace: Workspace, file: StoredFile): boolean {
  return (
    file.user === workspace.botUser ||
    [...workspace.allMessages()].some(
      ({ channel, files, deleted }) =>
        !deleted &&
        files.includes(file.id) &&
        workspace.channels.get(channel)?.members.includes(workspace.botUser),
    )
  );
}

/** Where a file is shared: ids by kind of conversation (docs.slack.dev, the file object). */
function placesOf(workspace: Workspace, file: StoredFile): Json {
  const places: Record<'channels' | 'groups' | 'ims', string[]> = { channels: [], groups: [], ims: [] };
  for (const { channel, files, deleted } of workspace.allMessages()) {
    if (deleted || !files.includes(file.id)) continue;
    const kind = workspace.channels.get(channel)?.kind;
    places[kind === 'im' ? 'ims' : kind === 'public' ? 'channels' : 'groups'].push(channel);
  }
  return places;
}

const byExtension: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  pdf: 'application/pdf',
  csv: 'text/csv',
  json: 'application/json',
  md: 'text/markdown',
  txt: 'text/plain',
};

function mimetypeOf(name: string): string {
  const extension = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
  return byExtension[extension] ?? 'text/plain';
}

function getUploadUrl(world: World, args: Args): Json {
  const name = args.required('filename');
  const size = args.whole('length', -1);
  if (size <= 0)
    throw new Refusal('invalid_arguments', ['[ERROR] must be greater than 0 [json-pointer:/length]']);
  const { workspace, clock } = world;
  const id = workspace.nextId('F');
  const value: StoredFile = {
    id,
    name,
    title: name,
    mimetype: mimetypeOf(name),
    size,
    user: workspace.botUser,
    created: Math.floor(clock.now() / 1000),
    base64: null,
    deleted: false,
    clip: null,
    thumb: null,
    alt: args.text('alt_text') ?? args.text('alt_txt') ?? '',
  };
  workspace.put({ table: 'file', key: id, value });
  return { upload_url: `${world.base()}upload/${id}`, file_id: id };
}

function complete(world: World, args: Args): Json {
  const { workspace, posts } = world;
  const asked = args.list('files')?.map(objectOf) ?? [];
  if (asked.length === 0) throw new Refusal('invalid_arguments', ['[ERROR] missing required field: files']);
  const target = args.text('channel_id') ?? args.text('channels')?.split(',')[0];
  const channel = target === undefined || target === '' ? undefined : writableChannel(world, target);
  const files = asked.map((entry) => {
    const file = fileOf(world, textOf(entry.id));
    if (file.base64 === null) throw new Refusal('file_update_failed');
    return { ...file, title: textOf(entry.title) ?? file.title };
  });
  workspace.together(() => {
    for (const value of files) workspace.put({ table: 'file', key: value.id, value });
    if (!channel) return;
    posts.post({
      channel: channel.id,
      user: workspace.seed.app.user,
      botId: workspace.seed.app.botId,
      text: args.text('initial_comment') ?? '',
      blocks: args.list('blocks') ?? [],
      threadTs: args.text('thread_ts') || null,
      files: files.map(({ id }) => id),
    });
  });
  return { files: files.map((file) => fileOnWire(file, workspace, world.base())) };
}

export function fileMethods(world: World): Methods {
  return {
    'files.getUploadURLExternal': (args) => getUploadUrl(world, args),
    'files.completeUploadExternal': (args) => complete(world, args),
    'files.info': (args) => {
      const file = fileOf(world, args.text('file'));
      return {
        file: { ...fileOnWire(file, world.workspace, world.base()), ...placesOf(world.workspace, file) },
      };
    },
    'files.delete': (args) => {
      const file = fileOf(world, args.text('file'));
      world.workspace.put({ table: 'file', key: file.id, value: { ...file, base64: null, deleted: true } });
      return {};
    },
  };
}
