// SPDX-License-Identifier: Apache-2.0
// Which sanitizer this was built with: g++ and clang say it in different ways.
#pragma once

#if defined(__SANITIZE_ADDRESS__)
#define GATEHOUSE_ADDRESS_SANITIZER 1
#endif
#if defined(__SANITIZE_THREAD__)
#define GATEHOUSE_THREAD_SANITIZER 1
#endif
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define GATEHOUSE_ADDRESS_SANITIZER 1
#endif
#if __has_feature(thread_sanitizer)
#define GATEHOUSE_THREAD_SANITIZER 1
#endif
#endif
