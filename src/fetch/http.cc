#include "fetch/http.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <exception>
#include <mutex>

#include "base/error.h"
#include "base/hub_cache.h"
#include "base/interrupt.h"
#include "base/strings.h"
#include "base/version.h"

namespace bv::fetch {
namespace {

constexpr long kConnectSeconds = 30;
constexpr long kSilentSeconds = 60;  // without a byte

// What libcurl's callbacks see of one exchange.
struct Exchanged {
  CURL* curl;
  const HttpClient::Body* body;
  HttpResponse response;
  std::exception_ptr thrown;
};

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return lower;
}

size_t OnHeader(const char* data, size_t, size_t size, void* context) {
  auto* exchanged = static_cast<Exchanged*>(context);
  const std::string_view line(data, size);
  // 1xx answers come before the one that counts.
  if (line.starts_with("HTTP/")) exchanged->response.headers.clear();
  if (const size_t colon = line.find(':'); colon != line.npos && colon > 0)
    exchanged->response.headers[Lower(line.substr(0, colon))] = TrimSpaces(line.substr(colon + 1));
  return size;
}

size_t OnBody(const char* data, size_t, size_t size, void* context) {
  auto* exchanged = static_cast<Exchanged*>(context);
  long status = 0;
  curl_easy_getinfo(exchanged->curl, CURLINFO_RESPONSE_CODE, &status);
  exchanged->response.status = static_cast<int>(status);
  // Exceptions must not pass through libcurl's frames.
  try {
    (*exchanged->body)(exchanged->response, {data, size});
  } catch (...) {
    exchanged->thrown = std::current_exception();
    return CURL_WRITEFUNC_ERROR;
  }
  return size;
}

int OnProgress(void*, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return InterruptRequested() ? 1 : 0;
}

Failure Classify(CURLcode code) {
  switch (code) {
    case CURLE_OK:
      return Failure::kNone;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
      return Failure::kUnreachable;
    case CURLE_PARTIAL_FILE:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return Failure::kBroken;
    default:
      return Failure::kRefused;
  }
}

}  // namespace

struct HttpClient::Handle {
  CURL* curl = nullptr;
  std::array<char, CURL_ERROR_SIZE> message{};

  template <typename Value>
  void Set(CURLoption option, Value value) const {
    if (const CURLcode code = curl_easy_setopt(curl, option, value); code != CURLE_OK)
      throw Error(ErrorKind::kInternal, Cat("libcurl refuses an option: ", curl_easy_strerror(code)));
  }

  // What holds for every exchange.
  void SetCommon() {
    Set(CURLOPT_PROTOCOLS_STR, "http,https");
    Set(CURLOPT_USERAGENT, Cat("bertvision/", kVersion).c_str());
    Set(CURLOPT_NOSIGNAL, 1L);
    Set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    Set(CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
    Set(CURLOPT_LOW_SPEED_LIMIT, 1L);
    Set(CURLOPT_LOW_SPEED_TIME, kSilentSeconds);
    Set(CURLOPT_ERRORBUFFER, message.data());
    Set(CURLOPT_NOPROGRESS, 0L);
    Set(CURLOPT_XFERINFOFUNCTION, &OnProgress);
    Set(CURLOPT_HEADERFUNCTION, &OnHeader);
    Set(CURLOPT_WRITEFUNCTION, &OnBody);
    for (const char* variable : {"SSL_CERT_FILE", "CURL_CA_BUNDLE"}) {
      if (const std::string file = Environment(variable); !file.empty()) Set(CURLOPT_CAINFO, file.c_str());
    }
  }

  void SetRequest(const HttpRequest& request) {
    curl_easy_reset(curl);
    SetCommon();
    Set(CURLOPT_URL, request.url.c_str());
    if (request.head) Set(CURLOPT_NOBODY, 1L);
    if (request.from > 0) Set(CURLOPT_RANGE, Cat(request.from, "-").c_str());
    if (request.token.empty()) return;
    Set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BEARER));
    Set(CURLOPT_XOAUTH2_BEARER, request.token.c_str());
  }
};

std::string HttpResponse::Header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

int64_t HttpResponse::Number(const std::string& name) const {
  const std::string text = Header(name);
  int64_t value = -1;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  return code == std::errc() && end == text.data() + text.size() && value >= 0 ? value : -1;
}

HttpClient::HttpClient() : handle_(new Handle) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  handle_->curl = curl_easy_init();
  if (handle_->curl == nullptr) throw Error(ErrorKind::kInternal, "libcurl does not start");
}

HttpClient::~HttpClient() {
  curl_easy_cleanup(handle_->curl);
}

HttpResponse HttpClient::Exchange(const HttpRequest& request, const Body& body) {
  Exchanged exchanged{handle_->curl, &body, {}, nullptr};
  exchanged.response.url = request.url;
  handle_->SetRequest(request);
  handle_->Set(CURLOPT_HEADERDATA, &exchanged);
  handle_->Set(CURLOPT_WRITEDATA, &exchanged);
  handle_->message[0] = '\0';
  const CURLcode code = curl_easy_perform(handle_->curl);
  if (exchanged.thrown) std::rethrow_exception(exchanged.thrown);
  if (code == CURLE_ABORTED_BY_CALLBACK || InterruptRequested())
    throw Error(ErrorKind::kInterrupted, "interrupted; the same command goes on from here");
  long status = 0;
  curl_easy_getinfo(handle_->curl, CURLINFO_RESPONSE_CODE, &status);
  exchanged.response.status = static_cast<int>(status);
  exchanged.response.failure = Classify(code);
  // A proxy that refuses looks like a broken connection.
  long connected = 0;
  curl_easy_getinfo(handle_->curl, CURLINFO_HTTP_CONNECTCODE, &connected);
  if (code != CURLE_OK && connected >= 400) exchanged.response.failure = Failure::kUnreachable;
  if (code != CURLE_OK)
    exchanged.response.reason =
        handle_->message[0] != '\0' ? handle_->message.data() : curl_easy_strerror(code);
  return exchanged.response;
}

}  // namespace bv::fetch
