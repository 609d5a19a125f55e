// One HTTP exchange over libcurl: no redirects, no second tries (see transfer.h). Proxies are those of
// libcurl's variables. Ctrl-C ends it within a second.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace bv::fetch {

struct HttpRequest {
  std::string url;
  bool head = false;  // headers only
  int64_t from = 0;   // the first byte that is wanted; above 0 a Range header asks for it
  std::string token;  // sent as a bearer token; empty: none
};

enum class Failure {
  kNone,
  kUnreachable,  // no connection came about
  kBroken,       // a connection broke or went silent
  kRefused,      // it would fail again in the same way: certificates, protocol errors
};

struct HttpResponse {
  std::string url;
  int status = 0;                              // 0: no answer
  std::map<std::string, std::string> headers;  // names in lower case; of equal ones the last
  Failure failure = Failure::kNone;
  std::string reason;  // of the failure, in libcurl's words

  bool Complete(int wanted) const { return failure == Failure::kNone && status == wanted; }
  // The header's value, or "" where it is not there.
  std::string Header(const std::string& name) const;
  // A header that is a whole number from 0 up; -1 where it is missing or anything else.
  int64_t Number(const std::string& name) const;
};

// One owner, one thread at a time. Connections are kept open between exchanges.
class HttpClient {
 public:
  // Sees the status and headers with each piece of the body. What it throws ends the exchange and is thrown
  // on.
  using Body = std::function<void(const HttpResponse& response, std::string_view piece)>;

  HttpClient();
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Failures of the network are in the response. Errors: kInterrupted.
  HttpResponse Exchange(const HttpRequest& request, const Body& body);

 private:
  struct Handle;
  std::unique_ptr<Handle> handle_;
};

}  // namespace bv::fetch
