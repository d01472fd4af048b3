// SPDX-License-Identifier: Apache-2.0
// The inherited sockets of a service manager, and the messages to it, on a real datagram socket.
#include "core/app/service_manager.hpp"
#include "core/app/watchdog.hpp"

#include "tests/core/fakes.hpp"

#include <doctest/doctest.h>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>

using namespace gatehouse;
using namespace gatehouse::core;
using namespace std::chrono_literals;

namespace {

/// A socket in the abstract namespace, where nothing needs to be removed.
struct Listener {
    Listener() : fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
        sockaddr_un any{};
        any.sun_family = AF_UNIX;
        REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&any), sizeof(sa_family_t)) ==
                0);  // the kernel chooses the name
        socklen_t size = sizeof any;
        REQUIRE(::getsockname(fd, reinterpret_cast<sockaddr*>(&any), &size) == 0);
        name = "@" + std::string(any.sun_path + 1, size - sizeof(sa_family_t) - 1);
    }
    ~Listener() { ::close(fd); }
    std::string heard() const {
        char text[512];
        const ssize_t size = ::recv(fd, text, sizeof text, 0);
        return {text, static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
    }
    int fd;
    std::string name;
};

void set(const char* name, const std::string& value) { ::setenv(name, value.c_str(), 1); }

Result<InheritedSockets> inherited(const std::string& count, const std::string& names,
                                   pid_t process = ::getpid()) {
    set("LISTEN_PID", std::to_string(process));
    set("LISTEN_FDS", count);
    set("LISTEN_FDNAMES", names);
    return inherited_sockets();
}

}  // namespace

TEST_CASE("the service manager receives the state changes of the service") {
    const Listener listener;
    set("NOTIFY_SOCKET", listener.name);
    set("WATCHDOG_USEC", "4000000");
    set("WATCHDOG_PID", std::to_string(::getpid()));
    const ServiceManager manager;
    CHECK(manager.watchdog() == 4s);
    CHECK(std::getenv("NOTIFY_SOCKET") == nullptr);
    manager.ready();
    CHECK(listener.heard() == "READY=1");
    manager.reloading();
    CHECK(listener.heard().starts_with("RELOADING=1\nMONOTONIC_USEC="));
    manager.stopping(1500ms);
    CHECK(listener.heard() == "STOPPING=1\nEXTEND_TIMEOUT_USEC=1500000");
    manager.alive();
    CHECK(listener.heard() == "WATCHDOG=1");
    manager.replaced_by(17);
    CHECK(listener.heard() == "MAINPID=17");
    CHECK(manager.environment() ==
          std::vector<std::string>{"NOTIFY_SOCKET=" + listener.name, "WATCHDOG_USEC=4000000"});
}

TEST_CASE("without a service manager no message is sent, and the watchdog is off") {
    for (const char* socket : {"", "relative", "@"}) {
        set("NOTIFY_SOCKET", socket);
        set("WATCHDOG_USEC", "1000");
        const ServiceManager manager;
        manager.ready();
        CHECK(manager.watchdog() == 0s);
        CHECK(manager.environment().empty());
    }
    set("NOTIFY_SOCKET", "/nonexistent/socket");
    set("WATCHDOG_USEC", "1000");
    set("WATCHDOG_PID", "1");  // another process's watchdog
    const ServiceManager manager;
    manager.ready();
    CHECK(manager.watchdog() == 0s);
}

TEST_CASE("inherited sockets are assigned by name, then by order, and only if LISTEN_PID is this process") {
    auto one = inherited("1", "");
    REQUIRE(one);
    CHECK(one->server == 3);
    CHECK(one->admin == -1);
    CHECK(std::getenv("LISTEN_FDS") == nullptr);
    auto two = inherited("2", "admin:web");
    REQUIRE(two);
    CHECK(two->admin == 3);
    CHECK(two->server == 4);
    auto unnamed = inherited("2", "");
    REQUIRE(unnamed);
    CHECK(unnamed->server == 3);
    CHECK(unnamed->admin == 4);
    auto others = inherited("1", "", 1);
    REQUIRE(others);
    CHECK(others->server == -1);
    CHECK(
        inherited("3", "").error().message.starts_with("more sockets were passed than there are listeners"));
    CHECK(inherited("many", "").error().message == "LISTEN_FDS must be a number of sockets, at most 64");
    CHECK_FALSE(inherited("-1", ""));
}

TEST_CASE("the watchdog reports alive only while every worker is responsive") {
    fakes::FakeLoop quick, stuck;
    int signs = 0;
    Watchdog watchdog({&quick, &stuck}, 4us, [&] { ++signs; });
    auto look = [&] {
        ::usleep(10);
        watchdog.look();
        quick.run();
        return signs;
    };
    CHECK(look() == 1);
    CHECK(look() == 1);
    CHECK(look() == 1);
    stuck.run();
    CHECK(look() == 2);
    Watchdog none({&quick}, 0us, [&] { ++signs; });
    none.look();
    CHECK(signs == 2);
}
