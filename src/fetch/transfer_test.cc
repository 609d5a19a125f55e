#include "fetch/transfer.h"

#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>

#include "base/strings.h"

namespace bv::fetch {
namespace {

using testing::HasSubstr;

HttpResponse Status(int status) {
  return {.url = "https://hub.example/x", .status = status, .headers = {}, .reason = ""};
}
HttpResponse Failed(Failure failure) {
  return {
      .url = "https://hub.example/x", .status = 0, .headers = {}, .failure = failure, .reason = "so it was"};
}

TEST(Backoff, GivesUpAfterItsTriesAndForgetsThemOnProgress) {
  Backoff backoff({.tries = 3, .first_wait = 0, .longest_wait = 0});
  const Error error(ErrorKind::kIo, "it broke");
  for (int i = 0; i < 2; ++i) EXPECT_NO_THROW(backoff.WaitOrThrow(error));
  backoff.Progress();
  for (int i = 0; i < 2; ++i) EXPECT_NO_THROW(backoff.WaitOrThrow(error));
  EXPECT_THROW(backoff.WaitOrThrow(error), Error);
}

TEST(Backoff, WaitsAsLongAsTheServerAsksButNotLongerThanItsLimit) {
  const auto seconds = [](double asked) {
    Backoff backoff({.tries = 2, .first_wait = 0, .longest_wait = 0.2});
    const auto begin = std::chrono::steady_clock::now();
    backoff.WaitOrThrow(Error(ErrorKind::kIo, "busy"), asked);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };
  EXPECT_GE(seconds(0.1), 0.1);
  EXPECT_LT(seconds(3600), 60);
}

TEST(IsPassing, HoldsForBrokenConnectionsAndBusyServers) {
  for (const int status : {429, 500, 502, 503, 504}) EXPECT_TRUE(IsPassing(Status(status))) << status;
  for (const int status : {200, 206, 302, 401, 403, 404, 416})
    EXPECT_FALSE(IsPassing(Status(status))) << status;
  EXPECT_TRUE(IsPassing(Failed(Failure::kBroken)));
  EXPECT_TRUE(IsPassing(Failed(Failure::kUnreachable)));
  EXPECT_FALSE(IsPassing(Failed(Failure::kRefused)));
}

TEST(ErrorOf, SaysWhichServerAndWhy) {
  EXPECT_THAT(ErrorOf(Failed(Failure::kUnreachable)).what(),
              HasSubstr("cannot reach 'hub.example': so it was; is this"));
  EXPECT_THAT(ErrorOf(Failed(Failure::kBroken)).what(),
              HasSubstr("the connection to 'hub.example' broke: so it was"));
  EXPECT_THAT(ErrorOf(Status(503)).what(), HasSubstr("https://hub.example/x: the server answers 503"));
}

TEST(RetryAfter, IsTheHeadersNumber) {
  HttpResponse response = Status(429);
  EXPECT_EQ(RetryAfter(response), -1);
  response.headers["retry-after"] = "7";
  EXPECT_EQ(RetryAfter(response), 7);
  response.headers["retry-after"] = "Wed, 21 Oct 2015 07:28:00 GMT";
  EXPECT_EQ(RetryAfter(response), -1);
}

// A port of this machine that nothing listens on.
int ClosedPort() {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  close(listener);
  return ntohs(address.sin_port);
}

TEST(Transfer, AnUnreachableServerIsNotTriedTwiceAtFirst) {
  Transfer transfer({.tries = 5, .first_wait = 60, .longest_wait = 60});
  try {
    transfer.Head(Cat("http://127.0.0.1:", ClosedPort(), "/x"), "");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("cannot reach '127.0.0.1'"));
  }
}

}  // namespace
}  // namespace bv::fetch
