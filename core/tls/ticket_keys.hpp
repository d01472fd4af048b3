// SPDX-License-Identifier: Apache-2.0
// The keys of TLS session tickets.  They are shared by all workers, kept across reloads and
// replaced after their lifetime; the previous key still opens tickets.  They never leave the
// process, so a client needs a full handshake after a restart or at another process.
// Shared by ServerTls objects and Gateway.  [any thread]
#pragma once

#include <openssl/evp.h>

#include <array>
#include <chrono>
#include <functional>
#include <mutex>
#include <string_view>

namespace gatehouse::core {

class TicketKeys {
public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::size_t name_bytes = 16;

    explicit TicketKeys(std::chrono::seconds lifetime = std::chrono::hours(2),
                        std::function<Clock::time_point()> now = Clock::now);
    ~TicketKeys();
    TicketKeys(const TicketKeys&) = delete;
    TicketKeys& operator=(const TicketKeys&) = delete;

    /// A key seals tickets for this time, and then opens them for the same time.
    std::chrono::seconds lifetime() const { return lifetime_; }

    /// Implement OpenSSL's ticket callback, and return its result.
    int seal(unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac);
    int open(const unsigned char* name, const unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac);

private:
    struct Key {
        std::array<unsigned char, name_bytes> name;
        std::array<unsigned char, 32> cipher, mac;
        Clock::time_point until;  // for sealing
    };
    Key fresh() const;
    void rotate();

    const std::chrono::seconds lifetime_;
    const std::function<Clock::time_point()> now_;
    std::mutex mutex_;
    Key current_, before_;  // under mutex_
};

}  // namespace gatehouse::core
