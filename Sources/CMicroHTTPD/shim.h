// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// libmicrohttpd and zlib as Swift's MicroHTTP target sees them.
//
// Why C at all: MHD_start_daemon, MHD_set_connection_option and the error logger are variadic or take a va_list, which
// Swift cannot call or implement. Everything else is called from Swift directly. Only MicroHTTP imports this module.
//
// Threads: microhttpd_start runs on the caller's thread. The callbacks run on threads that libmicrohttpd made: `connection`
// on its main thread, all others on the thread of the connection. Nothing here allocates or keeps state.
//
// The daemon gets no listening socket: with poll() and a thread for each connection it would ignore its connection limit,
// accept whoever comes and close the surplus. Accepted sockets are handed to it with MHD_add_connection.

#ifndef CMICROHTTPD_SHIM_H
#define CMICROHTTPD_SHIM_H

#include <microhttpd.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <zlib.h>

/// What one daemon needs. Every pointer is borrowed until microhttpd_start returns, except `context`, which must stay
/// valid until MHD_stop_daemon has returned.
struct microhttpd_configuration {
  unsigned int connection_limit;
  unsigned int idle_timeout_seconds;
  /// Bytes for request line, headers and response headers of one connection; longer ones are answered 414 or 431.
  size_t connection_memory;
  /// PEM text; both null for plain HTTP.
  const char *_Nullable private_key;
  const char *_Nullable certificate;
  /// First argument of every callback.
  void *_Nullable context;
  MHD_AccessHandlerCallback _Nonnull access;
  /// Called with the raw request target once the request line is read; what it returns is the request's state pointer.
  void *_Nullable (*_Nonnull target)(void *_Nullable context, const char *_Nonnull target,
                                     struct MHD_Connection *_Nonnull connection);
  MHD_RequestCompletedCallback _Nonnull completed;
  MHD_NotifyConnectionCallback _Nonnull connection;
};

/// Keeps the daemon's own words away from the host's standard error: what matters reaches Swift as a return value.
static inline void microhttpd_ignore_message(void *_Nullable context, const char *_Nullable format, va_list arguments) {
  (void)context;
  (void)format;
  (void)arguments;
}

/// Starts a daemon with a thread for each connection. Returns null when it could not start, with errno as it was left.
static inline struct MHD_Daemon *_Nullable microhttpd_start(const struct microhttpd_configuration *_Nonnull c) {
  unsigned int flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL | MHD_USE_ITC |
                       MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ERROR_LOG;
  struct MHD_OptionItem tls[] = {
      {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)c->private_key},
      {MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)c->certificate},
      {MHD_OPTION_END, 0, NULL},
  };
  struct MHD_OptionItem plain[] = {{MHD_OPTION_END, 0, NULL}};
  int secure = c->private_key != NULL && c->certificate != NULL;
  if (secure) flags |= MHD_USE_TLS;
  return MHD_start_daemon(flags, 0, NULL, NULL, c->access, c->context,
                          MHD_OPTION_EXTERNAL_LOGGER, microhttpd_ignore_message, NULL,
                          MHD_OPTION_CONNECTION_LIMIT, c->connection_limit,
                          MHD_OPTION_CONNECTION_TIMEOUT, c->idle_timeout_seconds,
                          MHD_OPTION_CONNECTION_MEMORY_LIMIT, c->connection_memory,
                          MHD_OPTION_URI_LOG_CALLBACK, c->target, c->context,
                          MHD_OPTION_NOTIFY_COMPLETED, c->completed, c->context,
                          MHD_OPTION_NOTIFY_CONNECTION, c->connection, c->context,
                          MHD_OPTION_ARRAY, secure ? tls : plain,
                          MHD_OPTION_END);
}

/// Sets the seconds without traffic after which the connection is closed; 0 is never. Call it on the connection's thread.
static inline void microhttpd_set_timeout(struct MHD_Connection *_Nonnull connection, unsigned int seconds) {
  MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT, seconds);
}

/// The connection's socket, valid until the connection's closed notification has returned; -1 if it is not known.
static inline int microhttpd_socket(struct MHD_Connection *_Nonnull connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info != NULL ? info->connect_fd : -1;
}

/// What the connection's started notification put into its socket context; null if nothing.
static inline void *_Nullable microhttpd_context(struct MHD_Connection *_Nonnull connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return info != NULL ? info->socket_context : NULL;
}

/// The client's address, valid as long as the connection; null if it is not known.
static inline const struct sockaddr *_Nullable microhttpd_client_address(struct MHD_Connection *_Nonnull connection) {
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  return info != NULL ? info->client_addr : NULL;
}

/// accept4 with close-on-exec and non-blocking, which the C library shows to GNU sources only. Returns the socket or -1.
static inline int microhttpd_accept(int listener, struct sockaddr *_Nonnull address, socklen_t *_Nonnull length) {
  return (int)syscall(SYS_accept4, listener, address, length, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

/// Names the calling thread; at most 15 bytes are kept. prctl is variadic.
static inline void microhttpd_name_thread(const char *_Nonnull name) {
  prctl(PR_SET_NAME, (unsigned long)name, 0, 0, 0);
}

/// deflateInit2 is a macro, so Swift cannot see it: gzip framing, default window and memory.
static inline int microhttpd_gzip_init(z_stream *_Nonnull stream, int level) {
  return deflateInit2(stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
}

#endif
