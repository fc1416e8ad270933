/**
 * What Slack's error words mean for whoever made the call.
 *
 * Sources: the error lists of Slack's method pages (docs.slack.dev/reference/methods, as of May 2026; the list is
 * repeated in `test/support/slack-error-words.ts`), and for the words that every method may answer the section
 * "Errors" of the same pages. Where Slack's own sentence differs from what the name suggests, it is quoted.
 */
type ErrorKind =
  /** The token is of no use any more, whatever is asked: somebody must install the app again or change the token. */
  | 'credentials'
  /** The channel or person can't be reached by us, or we may not write there. Others can. */
  | 'place'
  /** The message, thread, file or view is not there any more, or may not be changed any more. */
  | 'message'
  /** Not with this installation: a scope, a plan, or a part of Slack that is switched off. */
  | 'feature'
  /** Nothing was done; the same call may succeed later. */
  | 'later'
  /** It may have been done or not ("some aspect of the operation succeeded", say Slack's pages of the first two). */
  | 'unclear'
  /** What was sent is refused, and will be each time: too long, of a wrong form, not allowed. */
  | 'content'
  /** The message is a native stream, or is none any more. */
  | 'stream'
  /** The trigger of a view opens nothing any more. */
  | 'trigger';

const WORDS: Readonly<Record<ErrorKind, string>> = {
  // `forbidden_team` is an answer of apps.connections.open, `user_removed_from_team` and `team_disabled` of the
  // older rtm.connect, which the Socket Mode client knows as final as well.
  credentials: `not_authed invalid_auth account_inactive token_revoked token_expired team_access_not_granted
    two_factor_setup_required accesslimited user_removed_from_team team_disabled forbidden_team`,
  // `no_permission`: "make sure your app is a member of the conversation". `message_limit_exceeded`: what a free
  // workspace may post is used up. A `restricted_action_…` says why nobody may write there; see `kindOf`.
  place: `channel_not_found not_in_channel is_archived is_inactive posting_to_channel_denied no_permission
    access_denied ekm_access_denied app_access_restricted team_not_found enterprise_not_found org_not_found
    team_not_on_enterprise user_not_found user_not_visible user_disabled user_not_in_channel bot_not_found
    messages_tab_disabled message_limit_exceeded restricted_action channel_is_limited_access invalid_channel
    channel_type_not_supported cannot_reply_to_message not_visible template_not_visible`,
  message: `message_not_found thread_not_found cant_update_message cant_delete_message edit_window_closed
    message_not_owned_by_app not_found hash_conflict file_not_found file_deleted file_is_deleted
    cant_delete_file delete_not_allowed`,
  // `not_allowed_token_type` and `enterprise_is_restricted` are about the method that was called, not about the token.
  feature: `missing_scope unknown_method method_deprecated deprecated_endpoint method_not_supported
    method_not_supported_for_channel_type feature_not_enabled not_enabled not_implemented not_allowed_token_type
    enterprise_is_restricted file_uploads_disabled file_deleting_disabled
    file_uploads_except_images_disabled storage_limit_reached
    canvas_disabled_file_team canvas_disabled_user_team canvas_globally_disabled`,
  // The two of a workspace that moves into an organisation: "will not be available until migration is complete".
  later: `ratelimited rate_limited team_added_to_org org_login_required external_channel_migrating
    fetch_members_failed list_record_comment_fetch_failed file_update_failed`,
  unclear: `internal_error fatal_error request_timeout service_unavailable update_failed
    messaging_processing_failed`,
  stream: 'streaming_state_conflict message_not_in_streaming_state stopped_by_user',
  trigger: 'expired_trigger_id exchanged_trigger_id invalid_trigger_id',
  content: `msg_too_long msg_blocks_too_long msg_blocks_too_many no_text invalid_blocks invalid_blocks_format
    block_mismatch invalid_chunks invalid_attachments only_one_table_allowed too_many_attachments
    too_many_contact_cards
    attachment_payload_limit_exceeded markdown_text_conflict invalid_metadata_format invalid_metadata_schema
    metadata_too_large metadata_must_be_sent_from_app invalid_metadata_filter_keys as_user_not_supported
    duplicate_channel_not_found duplicate_message_not_found draft_already_deleted draft_already_sent
    draft_has_conflict draft_not_found missing_file_data slack_connect_canvas_sharing_blocked
    slack_connect_file_link_sharing_blocked slack_connect_lists_sharing_blocked slack_connect_blocked_file_type
    slack_connect_clip_sharing_blocked slack_connect_file_upload_sharing_blocked blocked_file_type
    cant_broadcast_message no_dual_broadcast_content_update file_share_limit_reached max_file_sharing_exceeded
    unable_to_share_files missing_recipient_team_id missing_recipient_user_id invalid_thread_ts reserved_username
    invalid_user_combination not_enough_users too_many_users users_list_not_supplied missing_user invalid_cursor
    invalid_limit invalid_types invalid_ts_latest invalid_ts_oldest missing_argument missing_args
    duplicate_external_id view_too_large missing_profile_id alt_txt_too_large file_type_not_allowed
    file_upload_size_restricted snippet_too_large unknown_snippet_type unknown_subtype channels_limit_exceeded
    insecure_request invalid_arguments invalid_arg_name invalid_array_arg invalid_charset invalid_form_data
    invalid_post_type missing_post_type invalid_json json_not_object`,
};

const KINDS: ReadonlyMap<string, ErrorKind> = new Map(
  kinds().flatMap((kind) =>
    WORDS[kind].split(/\s+/).map((word): [word: string, kind: ErrorKind] => [word, kind]),
  ),
);

function kinds(): ErrorKind[] {
  return ['credentials', 'place', 'message', 'feature', 'later', 'unclear', 'stream', 'trigger', 'content'];
}

/** The kind that the table gives a word; null: the table does not have it. */
export function knownKind(word: string): ErrorKind | null {
  return KINDS.get(word) ?? (word.startsWith('restricted_action_') ? 'place' : null);
}

/**
 * What a word means. One that we don't know is Slack's affair and may pass: most of what Slack adds are states of a
 * service or a workspace, and who repeats a call does so a few times only.
 */
export function kindOf(word: string): ErrorKind {
  return knownKind(word) ?? 'later';
}

/** True if the same call may succeed later without anybody doing anything about it. */
export function mayPass(word: string): boolean {
  const kind = kindOf(word);
  return kind === 'later' || kind === 'unclear';
}
