-- A form that was opened in a direct message could write settings of a channel without an id. They are no channel's.
delete from skein.settings where scope_id = '';
