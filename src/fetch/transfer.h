// HTTP as fetching needs it: redirects that keep secrets at home, and second tries with waits between them.
// What an answer means is its callers' matter.
#pragma once

#include <string>

#include "base/error.h"
#include "fetch/http.h"

namespace bv::fetch {

struct RetryPolicy {
  int tries = 5;          // without progress between them
  double first_wait = 1;  // seconds; doubled each time
  double longest_wait = 300;
};

// Counts failures in a row. One owner.
class Backoff {
 public:
  explicit Backoff(const RetryPolicy& policy) : policy_(policy) {}
  // Something arrived: what failed before does not count any more.
  void Progress() { failed_ = 0; }
  // Says what happened and waits, `asked` seconds at least (a server's Retry-After; below 0: none); or throws
  // `error` after the last try. Errors: kInterrupted.
  void WaitOrThrow(const Error& error, double asked = -1);

 private:
  RetryPolicy policy_;
  int failed_ = 0;
};

// One owner, one thread at a time.
class Transfer {
 public:
  explicit Transfer(const RetryPolicy& policy = {}) : policy_(policy) {}

  // The headers at the address; what redirects say of the file in the hub's own headers (X-Repo-Commit,
  // X-Linked-…) is among them. Redirects are followed, except one to another origin whose answer already
  // tells what lies behind it (X-Linked-Etag). The token goes to the origin of `url` alone. Statuses of 400
  // and more are returned, but for 429 and 5xx, which are tried again. Errors: as ErrorOf, after the last
  // try; at first contact an unreachable server is not tried twice.
  HttpResponse Head(const std::string& url, const std::string& token);

  // One try at the content from byte `from` on; redirects as above, none of their bodies reaches `body`.
  HttpResponse Get(const std::string& url, const std::string& token, int64_t from,
                   const HttpClient::Body& body);

  const RetryPolicy& policy() const { return policy_; }

 private:
  HttpResponse Follow(HttpRequest request, const HttpClient::Body& body);

  RetryPolicy policy_;
  HttpClient client_;
  bool reached_ = false;  // a server has answered before
};

bool IsRedirect(const HttpResponse& response);
// Trying again may help: it broke, or the server says that it is busy.
bool IsPassing(const HttpResponse& response);
// Seconds that Retry-After asks for; -1 where it does not.
double RetryAfter(const HttpResponse& response);
// A failure or a status in one line (kIo), without what the server wrote.
Error ErrorOf(const HttpResponse& response);

}  // namespace bv::fetch
