// SPDX-License-Identifier: Apache-2.0
//
// Every bound of the agent, by name, in one place. Whoever reads bytes from a wire, a disk or a
// person takes the bound from here; a number that limits something and stands elsewhere is a bug.
#pragma once

#include <cstdint>

namespace dialtone::limits {

// --- configuration files -----------------------------------------------------------------------
inline constexpr uint32_t config_file_bytes = 512 * 1024;  // public templates reach 435 KB
inline constexpr uint32_t config_entries = 8192;
inline constexpr uint32_t config_key_bytes = 128;
inline constexpr uint32_t config_value_bytes = 8 * 1024;
inline constexpr uint32_t config_depth = 32;                        // nesting of XML elements
inline constexpr uint32_t config_elements = 2 * config_entries;     // known or not
inline constexpr uint32_t config_attributes = 2 * config_elements;  // Htek has one each
inline constexpr uint32_t config_list_keys = 512;                   // of one entry of a list
inline constexpr uint32_t config_warnings = 16;                     // kept per document
inline constexpr uint32_t config_key_tries = 4;  // passwords or keys tried on one file
inline constexpr uint32_t config_password_bytes = 256;
inline constexpr uint32_t config_version_bytes = 64;
inline constexpr uint32_t pbkdf2_rounds = 10000;  // what `openssl enc -pbkdf2` uses by default

// --- signatures of files -------------------------------------------------------------------------
inline constexpr uint32_t signature_bytes = 1024;  // RSA of 4,096 bits makes 512
inline constexpr uint32_t rsa_bits_least = 2048;
inline constexpr uint32_t rsa_bits_most = 4096;
inline constexpr uint32_t serial_digits = 18;

// --- URLs and HTTP -----------------------------------------------------------------------------
inline constexpr uint32_t url_bytes = 2048;
inline constexpr uint32_t redirects = 5;
inline constexpr uint32_t header_field_bytes = 1024;    // of an answer's field that is kept
inline constexpr uint32_t coding_words_bytes = 32;      // of a Content-Encoding, in the journal
inline constexpr uint32_t challenge_words_bytes = 128;  // of challenges nobody knows, the same
inline constexpr uint32_t page_bytes = 2048;            // of a refusal's page that is looked at
inline constexpr uint32_t request_fields = 16;          // that the agent adds to a request
inline constexpr uint32_t request_field_bytes = 1024;   // name and value
inline constexpr uint32_t request_body_bytes = 512 * 1024;
inline constexpr uint32_t stored_body_bytes = 2 * 1024 * 1024;  // of a file that is sent
inline constexpr uint32_t plan_files = 8;
inline constexpr uint32_t file_name_bytes = 255;

// --- trust ---------------------------------------------------------------------------------------
inline constexpr uint32_t credential_servers = 4;     // that the user and password are meant for
inline constexpr uint32_t host_bytes = 255;           // of a server's name in the record (RFC 1035)
inline constexpr int64_t clock_span_s = 631'152'000;  // later than the floor: 20 years
inline constexpr uint32_t clock_doubt_s = 3'600;      // between two doubts about the clock
inline constexpr uint32_t floor_write_s = 86'400;     // the floor is written so often, at most

// --- certificates of authorities ----------------------------------------------------------------
inline constexpr uint32_t authority_file_bytes = 1024 * 1024;  // Debian's bundle has 220 KB
inline constexpr uint32_t authority_files = 512;               // of a directory
inline constexpr uint32_t certificate_names_told = 5;          // in the journal's words
inline constexpr uint32_t certificate_name_bytes = 64;         // of each

// --- transfers ---------------------------------------------------------------------------------
inline constexpr uint32_t transfer_window_bytes = 64 * 1024;  // credit outstanding at most
inline constexpr uint32_t transfers = 5;                      // at the same time
inline constexpr uint32_t transfer_sessions = 2;              // open at the same time
inline constexpr uint32_t transfer_chunk_bytes = 16 * 1024;   // held by a world without credit
inline constexpr uint32_t transfer_connect_ms = 5'000;
inline constexpr uint32_t ftp_login_ms = 20'000;  // from the connection on: greeting and login
inline constexpr uint32_t ftp_hold_ms = 2'000;    // for a data connection's TLS, and the last reply
inline constexpr uint32_t transfer_stall_ms = 8'000;   // nothing at all arrives for so long
inline constexpr uint32_t transfer_total_ms = 60'000;  // one configuration file, all in all
// An FTP server says nothing to the agent before the file; the world ends what takes too long.
inline constexpr uint32_t ftp_silence_ms = transfer_connect_ms + ftp_login_ms + transfer_stall_ms;
inline constexpr uint32_t retry_base_ms = 5'000;
inline constexpr uint32_t retry_cap_ms = 300'000;
inline constexpr uint32_t urls_held = 8;  // that asked to come back later, and are left alone
// A new phone asks the next URL beside one that has been silent for so long (RFC 8305 section 5),
// and takes what it gets there once the better URL has been silent for so long.
inline constexpr uint32_t url_beside_ms = 2'500;
inline constexpr uint32_t url_patience_ms = 5'000;
inline constexpr uint32_t retry_after_cap_s = 3'600;  // believed of a server's Retry-After

// --- TFTP ---------------------------------------------------------------------------------------
inline constexpr uint32_t tftp_name_bytes = 384;        // with all options below 512 bytes
inline constexpr uint32_t tftp_words_bytes = 100;       // of what a server says with an error
inline constexpr uint16_t tftp_block_bytes = 1428;      // asked for: 1,460 with IPv4's headers
inline constexpr uint16_t tftp_block_bytes_v6 = 1412;   // and 1,464 with IPv6's
inline constexpr uint16_t tftp_window_blocks = 16;      // asked for
inline constexpr uint32_t tftp_wait_ms = 1'000;         // first wait for an answer, then doubling
inline constexpr uint32_t tftp_sends_per_address = 2;   // while there are other addresses
inline constexpr uint32_t tftp_strangers_answered = 4;  // per transfer
inline constexpr uint32_t tftp_farewell_ms = 3'000;     // for a server that missed the last word
inline constexpr uint32_t tftp_farewell_acks = 3;

// --- one life with --once ------------------------------------------------------------------------
inline constexpr uint32_t once_tries = 3;          // per source
inline constexpr uint32_t once_wait_min_ms = 500;  // between them
inline constexpr uint32_t once_wait_max_ms = 1'500;
inline constexpr uint32_t once_total_ms = 42'000;  // the promise is 45 s; the rest is for leaving

// --- generations, record, trial ------------------------------------------------------------------
inline constexpr uint32_t generation_bytes = 2 * 1024 * 1024;
inline constexpr uint32_t generation_items_bytes = generation_bytes - 64 * 1024;  // keys and values
inline constexpr uint32_t record_bytes = 22 * 1024;  // 0.1.0 reads 4 KiB
inline constexpr uint32_t record_copies = 2;
inline constexpr uint32_t state_reads = 3;           // of a file that the disk fails to give
inline constexpr uint32_t generation_slots = 3;      // active, predecessor, the one being written
inline constexpr uint32_t trial_boots = 3;           // starts a trial may cost before it has failed
inline constexpr uint32_t digests_kept = 16;         // per generation
inline constexpr uint32_t refused_digests_kept = 8;  // plans that were rolled back
inline constexpr uint32_t refused_tries = 3;         // a rolled-back plan is tried again so often
inline constexpr uint32_t refused_retry_s = 3'600;   // first wait before that, doubling
inline constexpr uint32_t unknown_tags_kept = 512;   // of a later release, per durable file
inline constexpr uint32_t unknown_tag_bytes = 16 * 1024;  // all of them, with their heads
inline constexpr uint32_t provisioning_reboots = 2;       // per power-on
inline constexpr uint32_t proposals_queued = 4;
inline constexpr uint32_t commands_queued = 8;
inline constexpr uint32_t trigger_gap_s = 60;  // between two checks by NOTIFY, DHCP or the link
inline constexpr uint32_t trigger_gap_most_s = 3'600;  // after failed decryptions; it doubles
inline constexpr uint32_t assignments = 64;            // of one `set`
inline constexpr uint32_t lane_transactions = 16;      // that wait for the disk

// --- downloads beside the pass -------------------------------------------------------------------
inline constexpr uint32_t jobs_at_once = 2;  // downloads; each has a staged file of its own
inline constexpr uint32_t jobs_queued = 8;   // that wait for one of these to end
inline constexpr uint32_t job_tries = 4;
inline constexpr uint32_t job_total_ms = 1'800'000;  // one try, all in all
inline constexpr uint32_t staged_file_bytes = 64 * 1024 * 1024;
inline constexpr uint32_t disk_reserve_bytes = 1024 * 1024;  // for a configuration and the journal
inline constexpr uint32_t sink_piece_bytes = 16 * 1024;      // kept by one storage step, or more
inline constexpr uint32_t sink_sync_bytes = 256 * 1024;      // written at most before a sync
inline constexpr uint32_t sink_hold_ms = 10'000;  // a server waits so long for a sink without room
inline constexpr uint32_t files_written = jobs_at_once + 1;  // and not synced yet, at the same time

// --- journal -------------------------------------------------------------------------------------
inline constexpr uint32_t journal_line_bytes = 1024;
inline constexpr uint32_t journal_field_bytes = 400;
inline constexpr uint32_t journal_url_bytes = 160;  // of each URL that is shown to people
inline constexpr uint32_t outsider_lines = 12;      // of a kind that anyone can cause, in
inline constexpr uint32_t outsider_lines_s = 3'600;
inline constexpr uint32_t journal_file_bytes = 64 * 1024;  // then journal becomes journal.1

// --- settings ------------------------------------------------------------------------------------
inline constexpr uint32_t settings_file_bytes = 64 * 1024;
inline constexpr uint32_t setting_value_bytes = 2 * 1024;
inline constexpr uint32_t settings_on_command_line = 64;  // --set so often

// --- hooks ---------------------------------------------------------------------------------------
inline constexpr uint32_t hook_programs = 32;
inline constexpr uint32_t hook_run_ms = 30'000;   // then it is ended and the next one runs
inline constexpr uint32_t hook_text_bytes = 400;  // of what is said about a failed one

// --- SIP plug and play ---------------------------------------------------------------------------
inline constexpr uint32_t pnp_request_bytes = 1024;  // a responder exists that reads no more
inline constexpr uint32_t pnp_first_wait_ms = 500;   // T1 of RFC 3261; doubles from try to try
inline constexpr uint32_t pnp_tries = 5;             // as the Grandstream text says
inline constexpr uint32_t pnp_last_wait_ms = 4'000;  // T2: after the last try, and after a 2xx
inline constexpr uint32_t pnp_resolve_ms = 5'000;
inline constexpr uint32_t pnp_connect_ms = 5'000;
inline constexpr uint32_t pnp_ports_tried = 3;         // while the port wanted is taken
inline constexpr uint32_t pnp_servers_kept = 8;        // that answered; only they may come late
inline constexpr uint32_t pnp_urls = 4;                // of one NOTIFY
inline constexpr uint32_t pnp_answers_kept = 8;        // for repeated NOTIFYs
inline constexpr uint32_t pnp_notifies_per_s = 50;     // messages read; the rest is dropped unread
inline constexpr uint32_t pnp_repeats_ms = 32'000;     // 64 x T1: so long a URL may be said again
inline constexpr uint32_t pnp_connection_ms = 32'000;  // without a message; then it is closed
inline constexpr uint32_t pnp_nonce_s = 32;            // a digest nonce is good for so long, once
inline constexpr uint32_t pnp_nonces_used = 8;
inline constexpr uint32_t pnp_name_bytes = 32;  // of the model, and of the version, in a request
inline constexpr uint32_t pnp_host_bytes = 48;  // of the server's name; else its address is there
inline constexpr uint32_t sip_message_bytes = 8 * 1024;  // osip takes quadratic time on long ones
inline constexpr uint32_t sip_headers = 64;
inline constexpr uint32_t sip_field_bytes = 2560;           // of a field osip reads: a URL fits in
inline constexpr uint32_t sip_parameters = 64;              // of such a field
inline constexpr uint32_t notify_reboot_after_s = 300;      // since the last start
inline constexpr uint32_t notify_reboots = 6;               // at most in a row, from a power-on on
inline constexpr uint32_t notify_reboot_back_s = 4 * 3600;  // uptime that gives one back
inline constexpr uint32_t notify_checks = 12;               // at most in a row, from a start on
inline constexpr uint32_t notify_check_back_s = 600;        // uptime that gives one back

// --- DHCP ----------------------------------------------------------------------------------------
inline constexpr uint32_t dhcp_message_bytes = 1500;
inline constexpr uint32_t dhcp_option_bytes = 1024;  // of one option, its pieces joined
inline constexpr uint32_t dhcp_options = 64;         // of one message, split ones counted once
inline constexpr uint32_t dhcp_urls = 8;
inline constexpr uint32_t dhcp_answers = 8;  // to one question; later ones are not read
inline constexpr uint32_t dhcp_remarks = 8;  // about options of no use
inline constexpr uint32_t dhcp_vendor_class_bytes = 255;  // what one option holds
inline constexpr uint32_t dhcp_inform_tries = 2;
inline constexpr uint32_t dhcp_inform_wait_ms = 1'500;  // for an answer
inline constexpr uint32_t dhcp_lease_wait_ms = 1'000;   // for the client's word, after link up
inline constexpr uint32_t dhcp_collect_ms = 300;        // for other servers, after the first one
inline constexpr uint32_t lease_options = 32;           // handed over with a lease
inline constexpr uint32_t lease_file_bytes = 8 * 1024;

// --- names, addresses, time ----------------------------------------------------------------------
inline constexpr uint32_t addresses_per_name = 8;
inline constexpr uint32_t resolves = 8;               // names asked for at the same time
inline constexpr uint32_t datagram_bytes = 8 * 1024;  // osip takes quadratic time on long ones
inline constexpr uint32_t sockets = 12;
inline constexpr uint32_t accepted = 4;                     // connections of one listener
inline constexpr uint32_t stream_out_bytes = 16 * 1024;     // not yet taken by a connection's peer
inline constexpr int64_t wall_clock_end_s = 4'102'444'800;  // 2100; no later time is believed
inline constexpr uint32_t sntp_servers = 4;
inline constexpr uint32_t sntp_tries = 3;
inline constexpr uint32_t sntp_wait_ms = 1'500;

// --- requests that come to the phone by HTTP
// -------------------------------------------------------
inline constexpr uint32_t http_listeners = 2;
inline constexpr uint32_t http_connections = 4;      // of all listeners; the next one gets a 503
inline constexpr uint32_t http_target_bytes = 1024;  // of a request line; over it: 414
inline constexpr uint32_t http_header_bytes = 4 * 1024;    // request line and fields; over it: 431
inline constexpr uint32_t http_body_bytes = 16 * 1024;     // over it: 413
inline constexpr uint32_t http_discard_bytes = 64 * 1024;  // of a body over its bound, then it ends
inline constexpr uint32_t http_requests_per_s = 10;        // of all listeners; over it: 503
inline constexpr uint32_t http_request_ms = 5'000;  // for a request, until it is whole: 408; and
                                                    // for an answer, until it is taken
inline constexpr uint32_t http_reply_ms = 10'000;   // for the agent to answer: 503
inline constexpr uint32_t http_reply_bytes = 64 * 1024;
inline constexpr uint32_t http_reply_fields = 16;

// --- TR-069 --------------------------------------------------------------------------------------
inline constexpr uint32_t cwmp_envelope_bytes = 1024 * 1024;  // of an ACS's message
inline constexpr uint32_t cwmp_depth = 16;                    // nesting of its elements
inline constexpr uint32_t cwmp_elements = 8192;               // tinyxml2 takes 200 bytes for one
inline constexpr uint32_t cwmp_attributes = 8192;             // and 80 for one of these
inline constexpr uint32_t cwmp_id_bytes = 256;                // of a message's ID
inline constexpr uint32_t cwmp_method_bytes = 64;             // of a method's name
inline constexpr uint32_t cwmp_names = 1024;                  // of one call
inline constexpr uint32_t cwmp_url_bytes = 256;               // of an ACS, as DHCP names it
inline constexpr uint32_t cwmp_code_bytes = 64;   // of a ProvisioningCode and a gateway's names
inline constexpr uint32_t acs_sub_options = 64;   // of one option that may name an ACS
inline constexpr uint32_t cwmp_path_bytes = 256;  // of a parameter's or object's name
inline constexpr uint32_t cwmp_parameters = 16 * 1024;  // of one answer, objects counted
inline constexpr uint32_t cwmp_instance_highest = 999'999'999;
inline constexpr uint32_t cwmp_list_words = 64;                   // of a value that is a list
inline constexpr uint32_t cwmp_key_letters = 32;                  // of a CommandKey
inline constexpr uint32_t cwmp_key_bytes = 4 * cwmp_key_letters;  // in UTF-8
inline constexpr uint32_t cwmp_writes = 1024;                     // parameters of one call
inline constexpr uint32_t cwmp_methods_kept = 4;  // M Reboot: events that outlive a start
inline constexpr uint32_t cwmp_events_kept = cwmp_methods_kept + 1;  // and 2 PERIODIC
inline constexpr uint32_t cwmp_scheduled = 4;           // sessions that ScheduleInform has ordered
inline constexpr uint32_t cwmp_watched = 48;            // parameters whose changes are told
inline constexpr uint32_t cwmp_watched_apart = 16;      // below an object, each by itself
inline constexpr uint32_t cwmp_tables = 16;             // in which an ACS may make instances
inline constexpr uint32_t cwmp_transfers = 8;           // files that an ACS wants here or there
inline constexpr uint32_t cwmp_windows = 2;             // of a scheduled download
inline constexpr uint32_t cwmp_transfers_bytes = 2048;  // of all these in the record
inline constexpr uint32_t cwmp_file_type_bytes = 64;    // letters are bytes there
inline constexpr uint32_t cwmp_transfer_letters = 256;  // of a file's URL, name, user, password
inline constexpr uint32_t cwmp_window_retries = 5;      // where the phone decides
inline constexpr uint32_t cwmp_window_retry_s = 60;     // first wait in a window, doubling
inline constexpr uint32_t cwmp_window_retry_most_s = 3'600;
inline constexpr uint32_t cwmp_fault_text_bytes = 256;  // of what came of a transfer
inline constexpr uint32_t cwmp_record_bytes = 2048;  // of all that; 0.1.0 keeps as much of others
inline constexpr uint32_t cwmp_change_wait_ms = 20'000;   // until the phone can change anything
inline constexpr uint32_t cwmp_hooks_wait_ms = 5'000;     // for what a change still has to tell
inline constexpr uint32_t cwmp_repeats = 5;               // of a message, when the ACS asks for it
inline constexpr uint32_t cwmp_patience_ms = 30'000;      // for an ACS that says nothing
inline constexpr uint32_t cwmp_session_ms = 600'000;      // all in all
inline constexpr uint32_t cwmp_messages = 4096;           // of one session
inline constexpr uint32_t cwmp_messages_journaled = 64;   // of them; the others are counted
inline constexpr uint32_t model_names_told = 6;           // near one that there is not
inline constexpr uint32_t cwmp_retry_minimum_s = 5;       // first wait after a failed session
inline constexpr uint32_t cwmp_retry_multiplier = 2000;   // thousandths; from wait to wait
inline constexpr uint32_t acs_source_ms = 60'000;         // for a session, where an ACS is a source
inline constexpr uint32_t cwmp_rediscovery_failures = 3;  // in a row; then DHCP is asked anew
inline constexpr uint32_t cwmp_retries_counted = 10;      // then the waits grow no more
inline constexpr uint32_t cwmp_retry_cap_s = 30 * 86'400;  // whatever the two come to

// --- connection requests -------------------------------------------------------------------------
inline constexpr uint32_t connection_request_ports = 4;       // tried in turn, when one is taken
inline constexpr uint32_t connection_request_reopen_s = 600;  // when none can be had
inline constexpr uint32_t connection_requests = 5;            // with the right password, in
inline constexpr uint32_t connection_requests_s = 60;         // then 503
inline constexpr uint32_t connection_request_nonce_s = 300;
inline constexpr uint32_t connection_request_nonces_used = 32;
inline constexpr uint32_t digest_parameters = 24;  // of one Authorization
inline constexpr uint32_t udp_connection_request_bytes = 1024;
inline constexpr uint32_t udp_connection_request_field_bytes = 256;  // of each of its values
inline constexpr uint32_t udp_connection_request_age_s = 3'600;      // by a clock that is proven

// --- what the phone's software says of its lines -------------------------------------------------
inline constexpr uint32_t voice_report_bytes = 8 * 1024;
inline constexpr uint32_t voice_lines = 64;
inline constexpr uint32_t voice_codecs = 16;
inline constexpr uint32_t voice_buttons = 128;
inline constexpr uint32_t voice_sessions = 8;      // of one line
inline constexpr uint32_t voice_text_bytes = 256;  // of one value

// --- STUN ----------------------------------------------------------------------------------------
inline constexpr uint32_t stun_message_bytes = 1024;
inline constexpr uint32_t stun_attributes = 32;
inline constexpr uint32_t stun_text_bytes = 128;     // of a server's words with an error
inline constexpr uint32_t stun_requests = 9;         // RFC 3489 9.3: the same message, so often
inline constexpr uint32_t stun_first_wait_ms = 100;  // doubling
inline constexpr uint32_t stun_most_wait_ms = 1'600;
inline constexpr uint32_t stun_resolve_ms = 5'000;
inline constexpr uint32_t stun_silence_s = 60;  // after a server that did not answer; it doubles
inline constexpr uint32_t stun_most_silence_s = 3'600;
inline constexpr uint32_t stun_lifetime_precision_s = 5;  // of what is found out about the NAT
inline constexpr uint32_t stun_probe_wait_ms = 2'000;     // for an answer that the NAT may drop
inline constexpr uint32_t stun_probe_requests = 2;
inline constexpr uint32_t stun_no_most_s = 3'600;  // where no longest time between two is set

// --- control socket ------------------------------------------------------------------------------
inline constexpr uint32_t control_clients = 4;
inline constexpr uint32_t control_request_bytes = 17 * 1024;  // a NOTIFY in hex digits fits
inline constexpr uint32_t control_request_ms = 5'000;         // for a client to say its line
inline constexpr uint32_t reply_lines = 128;                  // of an answer, behind its first one
inline constexpr uint32_t reply_line_bytes = 1024;            // of each of them
inline constexpr uint32_t control_reply_ms = 1'000;  // at the end of a life, to take the answer

}  // namespace dialtone::limits
