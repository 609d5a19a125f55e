#include "fetch/transfer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <thread>

#include "base/interrupt.h"
#include "base/log.h"
#include "base/strings.h"
#include "fetch/url.h"

namespace bv::fetch {
namespace {

constexpr int kMostRedirects = 10;
constexpr double kLookSeconds = 0.05;

void Sleep(double seconds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (std::chrono::steady_clock::now() < end) {
    if (InterruptRequested())
      throw Error(ErrorKind::kInterrupted, "interrupted; the same command goes on from here");
    std::this_thread::sleep_for(std::chrono::duration<double>(std::min(kLookSeconds, seconds)));
  }
}

}  // namespace

void Backoff::WaitOrThrow(const Error& error, double asked) {
  if (++failed_ >= policy_.tries) throw error;
  const double wait =
      std::min(std::max(policy_.first_wait * std::exp2(failed_ - 1), asked), policy_.longest_wait);
  LogWarning(Cat(error.what(), "; trying again in ", HumanSeconds(wait)));
  Sleep(wait);
}

bool IsRedirect(const HttpResponse& response) {
  constexpr int kRedirects[] = {301, 302, 303, 307, 308};
  return std::count(std::begin(kRedirects), std::end(kRedirects), response.status) > 0 &&
         !response.Header("location").empty();
}

bool IsPassing(const HttpResponse& response) {
  if (response.failure != Failure::kNone) return response.failure != Failure::kRefused;
  return response.status == 429 || response.status >= 500;
}

double RetryAfter(const HttpResponse& response) {
  return static_cast<double>(response.Number("retry-after"));
}

Error ErrorOf(const HttpResponse& response) {
  const std::string host = OriginOf(response.url).host;
  switch (response.failure) {
    case Failure::kUnreachable:
      return {
          ErrorKind::kIo,
          Cat("cannot reach '", host, "': ", response.reason,
              "; is this machine offline, or does it need a proxy (https_proxy) or another HF_ENDPOINT?")};
    case Failure::kBroken:
      return {ErrorKind::kIo, Cat("the connection to '", host, "' broke: ", response.reason)};
    case Failure::kRefused:
      return {ErrorKind::kIo, Cat("cannot get ", response.url, ": ", response.reason)};
    case Failure::kNone:
      break;
  }
  const char* meaning = response.status == 429   ? " (too many requests)"
                        : response.status >= 500 ? " (its fault)"
                                                 : "";
  return {ErrorKind::kIo, Cat(response.url, ": the server answers ", response.status, meaning)};
}

HttpResponse Transfer::Follow(HttpRequest request, const HttpClient::Body& body) {
  const Origin home = OriginOf(request.url);
  const std::string token = request.token;
  std::map<std::string, std::string> told;  // by redirects, about the file behind them
  const HttpClient::Body content = [&](const HttpResponse& response, std::string_view piece) {
    if (!IsRedirect(response)) body(response, piece);
  };
  for (int i = 0; i <= kMostRedirects; ++i) {
    HttpResponse response = client_.Exchange(request, content);
    if (response.status != 0) reached_ = true;
    for (const char* name : {"x-repo-commit", "x-linked-etag", "x-linked-size"}) {
      if (const std::string value = response.Header(name); !value.empty()) told.emplace(name, value);
    }
    if (response.failure != Failure::kNone || !IsRedirect(response)) {
      response.headers.merge(told);
      return response;
    }
    const std::string next = Resolve(request.url, response.Header("location"));
    const Origin origin = OriginOf(next);
    if (request.head && !(origin == home) && !response.Header("x-linked-etag").empty()) return response;
    if (OriginOf(request.url).scheme == "https" && origin.scheme != "https") {
      throw DataError(request.url,
                      Cat("the server redirects from https to ", Quoted(next, 200), ", which is not secure"));
    }
    request.url = next;
    request.token = origin == home ? token : "";
  }
  throw DataError(request.url, Cat("more than ", kMostRedirects, " redirects"));
}

HttpResponse Transfer::Head(const std::string& url, const std::string& token) {
  Backoff backoff(policy_);
  for (;;) {
    const bool first = !reached_;
    HttpResponse response = Follow({.url = url, .head = true, .token = token}, [](const auto&, auto) {});
    if (response.failure == Failure::kUnreachable && first) throw ErrorOf(response);
    if (IsPassing(response)) {
      backoff.WaitOrThrow(ErrorOf(response), RetryAfter(response));
    } else if (response.failure != Failure::kNone) {
      throw ErrorOf(response);
    } else {
      return response;
    }
  }
}

HttpResponse Transfer::Get(const std::string& url, const std::string& token, int64_t from,
                           const HttpClient::Body& body) {
  return Follow({.url = url, .from = from, .token = token}, body);
}

}  // namespace bv::fetch
