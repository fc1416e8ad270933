import { z } from 'zod';
import { id, maybe, text } from './schemas.ts';

/**
 * What is kept of a file's entry in a message, under Slack's keys (https://docs.slack.dev/reference/objects/file-object).
 * Names and types are claims of the sender. The download address needs the bot token, which may be sent to Slack's
 * hosts only. A stub (`file_access: check_file_info`, Slack Connect) has an id and little else.
 */
export const file = z.object({
  id,
  name: maybe(text),
  title: maybe(text),
  mimetype: maybe(text),
  filetype: maybe(text),
  /** `slack_audio` and `slack_video` are clips. */
  subtype: maybe(text),
  /** `hosted`, `snippet`, `external`, `tombstone`, `hidden_by_limit`, `file_access`, …: Slack's word. */
  mode: maybe(text),
  file_access: maybe(text),
  /** Bytes, as claimed. */
  size: maybe(z.int().nonnegative()),
  url_private_download: maybe(text),
  url_private: maybe(text),
  /** Pictures of an image that Slack made, by their longer side in pixels. */
  thumb_1024: maybe(text),
  thumb_960: maybe(text),
  thumb_720: maybe(text),
  thumb_480: maybe(text),
  /** Slack's own transcript of a clip; `has_more` says that the preview is cut. */
  transcription: maybe(
    z.object({
      status: maybe(text),
      preview: maybe(z.object({ content: maybe(text), has_more: maybe(z.boolean()) })),
    }),
  ),
});
