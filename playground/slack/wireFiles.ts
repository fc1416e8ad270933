/** Files as Slack's API and events show them. */
import { teamOf } from './companies.ts';
import { compact, type Json } from './json.ts';
import type { StoredFile } from './records.ts';
import type { Workspace } from './workspace.ts';

/** What Slack adds to a voice clip: its own transcript, cut to a preview, and where it can be heard. */
function clipOnWire(file: StoredFile, path: string): Json {
  if (!file.clip) return {};
  const { transcript, milliseconds } = file.clip;
  return compact({
    subtype: 'slack_audio',
    media_display_type: 'audio',
    duration_ms: milliseconds,
    vtt: transcript === null ? undefined : `${path}/file.vtt`,
    transcription:
      transcript === null
        ? { status: 'processing' }
        : {
            status: 'complete',
            locale: 'en-US',
            preview: { content: transcript.slice(0, 100), has_more: transcript.length > 100 },
          },
  });
}

/** `base` is the stand-in's own address, where the file is served. Keys: java-slack-sdk, MessageFileSharePayload. */
export function fileOnWire(file: StoredFile, workspace: Workspace, base: string): Json {
  const path = `${base}files-pri/${file.id}/${encodeURIComponent(file.name)}`;
  const dot = file.name.lastIndexOf('.');
  const filetype = dot < 0 ? 'text' : file.name.slice(dot + 1).toLowerCase();
  if (file.deleted) return { id: file.id, mode: 'tombstone' };
  return {
    id: file.id,
    created: file.created,
    timestamp: file.created,
    name: file.name,
    title: file.title,
    mimetype: file.mimetype,
    filetype,
    pretty_type: filetype.toUpperCase(),
    user: file.user,
    user_team: teamOf(workspace, file.user),
    editable: false,
    size: file.size,
    mode: 'hosted',
    is_external: false,
    external_type: '',
    is_public: true,
    public_url_shared: false,
    display_as_bot: false,
    username: '',
    url_private: path,
    url_private_download: `${path}?download=1`,
    media_display_type: 'unknown',
    permalink: `${base}files/${file.id}`,
    permalink_public: `${base}files/${file.id}-public`,
    has_rich_preview: false,
    file_access: 'visible',
    ...(file.thumb ? { thumb_1024: `${base}files-tmb/${file.id}/image_1024.png` } : {}),
    ...clipOnWire(file, path),
  };
}
