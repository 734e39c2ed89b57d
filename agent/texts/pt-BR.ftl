# Português do Brasil. How texts are written: see en.ftl.

date-format = %d/%m/%Y
span-seconds = { $n ->
    [one] { $n } segundo
   *[other] { $n } segundos
}
span-minutes = { $n ->
    [one] { $n } minuto
   *[other] { $n } minutos
}
span-hours = { $n ->
    [one] { $n } hora
   *[other] { $n } horas
}

# --- answers that can't be read
too-long = Texto longo demais. Digite novamente.
not-plain = Não foi possível ler. Digite novamente.
choose-again = Digite uma das respostas mostradas.
choose-number = Digite o próprio número de telefone.

# --- when nothing goes
unavailable = A redefinição não está disponível agora.
server-changed = O servidor parou de responder. Responda novamente.
resting =
    Muitos códigos errados.
    A redefinição desta conta está em pausa; tente novamente em { $time }.
too-many-starts = Muitas tentativas. Tente de novo em { $time }.
go-on-prompt = Pressione Enter para continuar: {""}

# --- recovery
recover-menu = Como você quer mostrar que é você?
recover-menu-listed = {"  "}{ $n }     { $contact }
recover-menu-email = {"  "}e     um código para seu e-mail cadastrado
recover-menu-app = {"  "}app   um código do seu aplicativo autenticador
recover-menu-codes = {"  "}code  um código de recuperação ou do suporte
recover-menu-recovery-code = {"  "}code  um código de recuperação
recover-menu-helpdesk-code = {"  "}code  um código do suporte
recover-menu-contact = {"  "}ou digite seu número de telefone ou endereço de e-mail
recover-menu-number = {"  "}ou digite seu número de telefone cadastrado
recover-menu-address = {"  "}ou digite outro endereço de e-mail cadastrado
recover-menu-prompt = Sua escolha (Enter para voltar): {""}
recover-menu-prompt-mandatory = Sua escolha: {""}
one-more-proof =
    O código estava certo.
    Sua conta exige mais um, por outro meio.
proof-gone = Tempo esgotado. Pressione Enter para recomeçar.
recover-left = Você saiu. Nada foi alterado.
recover-given-up =
    Muitas respostas não eram das mostradas.
    Nada foi alterado.

# --- codes
code-sent-email =
    Se esta conta tiver um e-mail cadastrado,
    um código está a caminho. Ele vale por { $minutes ->
        [one] { $minutes } minuto
       *[other] { $minutes } minutos
    }.
code-sent-contact =
    Se isso estiver cadastrado para esta conta,
    um código está a caminho. Ele vale por { $minutes ->
        [one] { $minutes } minuto
       *[other] { $minutes } minutos
    }.
code-called =
    Se esse telefone estiver cadastrado nesta conta,
    ele tocará em instantes e o código será lido duas vezes.
    Ele vale por { $minutes ->
        [one] { $minutes } minuto
       *[other] { $minutes } minutos
    }.
code-sent-to =
    Um código está a caminho. Ele vale por { $minutes ->
        [one] { $minutes } minuto
       *[other] { $minutes } minutos
    }.
    Vai para { $contact }.
code-sent-earlier =
    Um código enviado antes ainda é válido.
    Outro pode ser enviado em { $time }.
code-resumed-email = Um código enviado por e-mail ainda é válido.
code-resumed-contact =
    Um código enviado ao contato que você digitou
    antes ainda é válido.
code-resumed-to =
    Para concluir o cadastro, digite o código
    enviado para { $contact }.
code-not-yet = Outro código pode ser enviado em { $time }.
code-usage = Digite o código, ou: new (outro código), other (outro meio), Enter (voltar).
code-usage-call = Digite o código, ou: new (outro), call (ouvir), other (outro meio).
code-usage-new = Digite o código, ou: new (outro código), other (alterar), Enter (voltar).
code-usage-mandatory = Digite o código, ou: new (outro código), other (outro meio).
code-usage-new-mandatory = Digite o código, ou: new (outro código), other (alterar).
code-usage-token = Para um código de recuperação ou do suporte, digite: code
code-prompt = Código: {""}
code-refused = Esse código não está certo.
code-malformed = Um código tem { $digits } dígitos.
code-wrong =
    Esse código não está certo. { $left ->
        [one] Resta uma tentativa.
       *[other] Restam { $left } tentativas.
    }
code-worn-out =
    Esse código não está certo.
    Ele não pode mais ser usado; digite new para receber outro.
code-expired =
    Esse código expirou.
    Digite new para receber outro.

# --- codes that somebody has already
token-app = Digite o código que seu aplicativo mostra.
token-app-wrong =
    Esse código não está certo. { $left ->
        [one] Resta uma tentativa.
       *[other] Restam { $left } tentativas.
    }
    Um código vale por meio minuto, e uma vez só.
token-code = Digite um código de recuperação ou do suporte.
token-helpdesk = Digite o código que o suporte lhe deu.
token-code-wrong =
    Esse código não está certo. { $left ->
        [one] Resta uma tentativa.
       *[other] Restam { $left } tentativas.
    }
    Cada código vale uma vez só.
token-usage = Digite o código, ou: other (outro meio), Enter (voltar).

# --- the new password
password-rules =
    Escolha uma senha de pelo menos { $length } caracteres.
    Algumas palavras sem relação entre si funcionam bem.
password-rules-digits = { $n ->
    [one] Esta máquina exige um dígito.
   *[other] Esta máquina exige { $n } dígitos.
}
password-rules-capitals = { $n ->
    [one] Esta máquina exige uma letra maiúscula.
   *[other] Esta máquina exige { $n } letras maiúsculas.
}
password-rules-small = { $n ->
    [one] Esta máquina exige uma letra minúscula.
   *[other] Esta máquina exige { $n } letras minúsculas.
}
password-rules-others = { $n ->
    [one] Esta máquina exige um sinal, como um hífen.
   *[other] Esta máquina exige { $n } sinais, como hifens.
}
password-rules-kinds = Maiúsculas, minúsculas, dígitos, sinais: use { $n }.
password-rules-history = Uma que você já usou não é aceita.
password-rules-banned = Algumas palavras são proibidas; você será avisado.
password-encrypts = O que a antiga criptografa continua bloqueado.
recovery-codes-left =
    { $left ->
        [0] Esse foi o último dos seus códigos de recuperação.
        [one] Resta um código de recuperação.
       *[other] Restam { $left } códigos de recuperação.
    }
password-prompt = Nova senha: {""}
password-takes = A alteração pode levar até um minuto.
password-again-prompt = A mesma novamente: {""}
password-mismatch = As duas são diferentes. Escolha de novo.
password-empty = Nada foi digitado. Escolha uma nova senha.
password-too-short =
    É curta demais. { $more ->
        [one] Falta um caractere.
       *[other] Faltam { $more } caracteres.
    }
password-too-long = É longa demais: no máximo 511 bytes.
password-has-name =
    Contém seu nome ou o desta máquina.
    Escolha outra.
password-banned =
    Contém uma palavra proibida aqui:
    { $word }
    Escolha outra.
password-blanks =
    Começa ou termina com um espaço.
    Espaços ali se perdem; escolha outra.
password-keyboard =
    É uma fileira de teclas, fácil de adivinhar.
    Escolha outra.
password-repeats =
    Repete-se e é fácil de adivinhar.
    Escolha outra.
password-sequence =
    É uma sequência como abc ou 1234.
    É adivinhada logo; escolha outra.
password-date =
    É uma data, que é adivinhada logo.
    Escolha outra.
password-common =
    É uma das mais usadas, ou parecida com uma.
    Escolha outra.
password-word =
    É uma única palavra ou um nome.
    É adivinhada logo; junte algumas.
password-weak =
    É fácil de adivinhar.
    Mais longa, ou com mais uma palavra, ficará boa.
password-same =
    É a que você já tem, e ela continua valendo.
    Escolha uma nova.
password-refused =
    Esta máquina não a aceita:
    { $reason }
password-refused-there =
    O diretório não a aceita:
    { $reason }
password-short-there =
    É curta demais para o diretório.
    Escolha uma mais longa.
password-young =
    Ela foi alterada há pouco tempo.
    O diretório permite a próxima alteração mais tarde.
not-changed =
    Nada foi alterado; a anterior continua valendo.
    Tente novamente mais tarde.
not-sure =
    A alteração pode não ter sido concluída.
    Tente primeiro a nova e depois a anterior.

# --- after a recovery
recover-sessions-ended = { $n ->
    [one] Uma sessão aberta foi encerrada.
   *[other] { $n } sessões abertas foram encerradas.
}
recover-ssh-keys = { $n ->
    [one] Uma chave SSH ainda dá acesso; verifique-a.
   *[other] { $n } chaves SSH ainda dão acesso; verifique-as.
}
recover-ssh-unseen = Nem todas as chaves SSH foram vistas; verifique-as.
recover-refused-here =
    A alteração foi feita. Esta máquina ainda não a vê:
    se ela recusar o acesso, tente novamente em alguns minutos.

# --- an account that too many wrong passwords have locked
unlock-menu =
    Muitas senhas erradas bloquearam esta conta.
    Uma nova senha remove o bloqueio. Se você lembrar da antiga,
    digite unlock e entre com ela.
unlock-prompt = Enter para uma nova senha, ou unlock: {""}
unlocked =
    O bloqueio foi removido. Entre com a senha
    que você já tinha.
unlock-not-sure =
    A conta talvez ainda esteja bloqueada.
    Tente a senha que você tinha; se for recusada,
    comece de novo.

# --- registration
method-email = e-mail
method-phone = telefone, por SMS
method-app = aplicativo autenticador em um telefone
register-menu =
    Se um dia esquecer sua senha, um código pode
    deixar você entrar. Onde podemos enviá-lo?
register-menu-two =
    Se um dia esquecer sua senha, códigos podem
    deixar você entrar. Sua conta exige dois destes meios:
register-menu-more =
    Sua conta exige mais um meio, caso você
    esqueça sua senha:
register-several = Ou vários, por exemplo: 1 2
register-helpdesk = Ou code, se o suporte lhe deu um.
register-menu-prompt = { $n ->
    [2] 1 ou 2
   *[other] 1, 2 ou 3
    } (Enter para agora não): {""}
register-menu-prompt-mandatory = { $n ->
    [2] 1 ou 2
   *[other] 1, 2 ou 3
    }: {""}
register-email-only =
    Se um dia esquecer sua senha, um código por e-mail
    pode deixar você entrar. Cadastre um endereço para isso.
register-phone-only =
    Se um dia esquecer sua senha, um código no telefone
    pode deixar você entrar. Cadastre um número para isso.
register-app-only =
    Se um dia esquecer sua senha, um aplicativo
    autenticador pode deixar você entrar. Cadastre um para isso.
register-only-prompt = Cadastrar agora? Digite y (Enter: agora não): {""}
register-only-prompt-mandatory = Digite y para cadastrar agora: {""}
register-mandatory =
    Não dá mais para adiar:
    sem o cadastro, o acesso termina aqui.
register-denied = Para entrar, acesse novamente e cadastre-se.
register-not-now =
    Não é possível neste momento.
    Você pode continuar; perguntaremos de novo.
register-by-hand = Cadastre-se para a redefinição: sspr enroll
register-changed =
    O cadastro foi alterado nesse meio-tempo.
    Nada foi salvo; comece de novo.
register-email =
    Qual endereço de e-mail?
    Escolha um que você consiga ler sem entrar aqui.
register-phone = Qual número? Ele receberá um SMS com um código.
email-prompt = Endereço de e-mail (Enter para voltar): {""}
number-prompt = Número de telefone (Enter para voltar): {""}
registered =
    Pronto, cadastro concluído. Se esquecer a senha,
    basta pressionar Enter onde ela for pedida.
app-scan = Leia com um aplicativo autenticador no telefone.
app-beside = Sem câmera? Digite esta chave, baseada em tempo:
app-swap-beside = Não leu? Digite: swap
app-usage-picture = Digite o código, ou: swap (cores), text (sem imagem), Enter (voltar).
app-key = Adicione uma conta ao aplicativo autenticador.
app-key-lines =
    Conta: { $account } em { $host }
    Tipo de chave: baseada em tempo, 6 dígitos

    {"    "}{ $key }
app-usage = Digite o código que o aplicativo mostrar então, ou Enter para voltar.
app-usage-key = Digite o código, ou: picture (código QR, { $lines } linhas), Enter (voltar).
app-prompt = Código: {""}
app-wrong = Esse código não está certo. { $left ->
        [one] Resta uma tentativa.
       *[other] Restam { $left } tentativas.
    }
app-anew = Não funcionou. Apague no aplicativo e recomece.
reconfirm = Ainda é assim que podemos contatar você?
reconfirm-prompt = y se for, c para alterar (Enter para agora não): {""}
too-quick = Foi rápido demais. Leia isto primeiro.
imported =
    Seu administrador inseriu isto para você, para que
    um código ajude caso esqueça sua senha. É seu?
imported-prompt = y ou n (Enter para agora não): {""}
imported-prompt-mandatory = y, n ou later: {""}
codes-shown =
    Dez códigos de recuperação, para emergências.
    Cada um permite redefinir sua senha uma vez.
codes-keep =
    Guarde-os em papel: não serão mostrados de novo.
    Para obter novos, execute: sspr codes
codes-unseen =
    Dez códigos de recuperação foram criados e talvez
    você nunca os tenha visto. Quer novos?
codes-off = Códigos de recuperação não são usados aqui.
remove =
    Isto remove tudo o que pode redefinir sua senha:
remove-prompt = Digite remove para fazer isso (Enter: manter): {""}
removed =
    Nada mais está cadastrado.
    Para se cadastrar de novo, execute: sspr enroll

# --- contacts that can't be taken
contact-empty = Nada foi digitado.
contact-too-long = É longo demais.
email-no-at =
    Um endereço de e-mail contém @,
    como em ann@example.org.
email-no-dot =
    Depois do @ deve vir um domínio completo,
    como em ann@example.org.
email-several = Digite apenas um endereço.
email-display-name = Digite só o endereço, sem colchetes.
email-bad-domain = O que vem depois do @ não é um domínio.
email-bad-local = O que vem antes do @ não é válido.
email-not-ascii = Antes do @, só letras sem acento.
number-not-one = Isso não é um número de telefone.
number-needs-country =
    Digite com o código do país,
    como em +55 11 91234 5678.
number-invalid =
    Esse número não existe.
    Verifique os dígitos e o país.
email-refused-domain =
    Um endereço em { $domain } não serve aqui:
    você pode não ter acesso a ele quando precisar. Escolha outro.
contact-known = Isso já está cadastrado. Escolha outro.
number-not-textable =
    Um número assim não recebe SMS.
    Escolha outro.

# --- the command
enroll-password = Primeiro, mostre que é você.
current-password-prompt = Senha atual: {""}
enroll-wrong-password =
    Essa não é sua senha atual.
    Nada foi alterado.
enroll-not-served = O serviço não está ativo para esta conta.
enroll-unchanged = Nada foi alterado.
enroll-no-way =
    Nada foi alterado: é preciso um código.
    Se não houver mais como receber um, o suporte pode ajudar.
enroll-lost = Nada disso à mão? O suporte pode ajudar.
enroll-menu = O que pode redefinir sua senha:
enroll-menu-nothing = Nenhum meio de redefinição está cadastrado ainda:
enroll-menu-missing =
    O que pode redefinir sua senha.
    Sua conta precisa de mais um meio, de outro tipo:
enroll-menu-prompt = Um número (Enter para concluir): {""}
enroll-add-email = adicionar um endereço de e-mail
enroll-add-phone = adicionar um telefone
enroll-add-app = adicionar um aplicativo autenticador
enroll-remove = remover
enroll-prefer = usar antes do outro
enroll-change-prompt = { $n ->
    [1] 1
   *[other] 1 ou 2
    } (Enter para voltar): {""}
enroll-last =
    É tudo o que há; não pode sair sozinho.
    Adicione outro primeiro, ou execute: sspr remove
enroll-saved = Salvo.
line-email = e-mail    { $contact }
line-phone = telefone  { $contact }
line-app = aplicativo autenticador
mark-preferred = (usado primeiro)
mark-unconfirmed = (ainda não confirmado)
status-nothing = Nada está cadastrado. Execute: sspr enroll
status-too-few =
    Sua conta precisa de mais um meio, de outro tipo.
    Execute: sspr enroll
status-registered = Cadastrado para redefinir a senha:
status-codes = Códigos de recuperação restantes: { $left }
status-confirmed = Última confirmação: { $date }
status-unconfirmed = O não confirmado será perguntado em um acesso.
status-used = último uso: { $date }
status-unused = ainda não usado
status-not-asked = A redefinição não pede isto no momento.
status-asks-one = A redefinição pede um destes.
status-asks-two = A redefinição pede dois destes, de tipos diferentes.

# --- the line in a shell of somebody who is not registered
hint-enroll = Caso esqueça sua senha: sspr enroll
hint-codes = Há códigos de recuperação para você: sspr codes

# --- mail, text messages and calls
call-language = pt-BR
call-opening = Olá. Este é seu código para { $host }.
call-again = Mais uma vez, seu código é:
call-closing = Até logo.
mail-code-subject = Seu código para { $host }
mail-code-recover =
    { $code } é seu código para redefinir a senha de { $account } em { $host }.

    Ele vale até { $until }. Digite-o onde o pediu e não o passe a ninguém.
    Se você não o pediu, não precisa fazer nada: sem o código nada acontece.
mail-code-register =
    { $code } é seu código para cadastrar este endereço para { $account } em { $host }.

    Ele vale até { $until }. Digite-o onde o pediu e não o passe a ninguém.
    Se você não o pediu, não precisa fazer nada.
mail-code-enroll =
    { $code } é seu código para alterar os contatos de { $account } em { $host }.

    Ele vale até { $until }. Digite-o onde o pediu e não o passe a ninguém.
    Se você não o pediu, alguém sabe sua senha. Altere-a agora e avise seu administrador.
mail-code-desk =
    { $code } é o código que o suporte pede a você. É sobre { $account } em { $host }.

    Ele vale até { $until }. Leia-o em voz alta só se você mesmo ligou para o suporte: ele mostra quem você é e não redefine nada.
    Se você não ligou, não passe este código a ninguém e avise seu administrador.
text-code-desk = { $code } é o código que o suporte pede sobre { $account } em { $host }. Não foi você que ligou? Não o passe a ninguém.
text-code-enroll = { $code } é seu código para alterar os contatos de { $account } em { $host }. Não foi você? Altere sua senha agora.
text-code-recover = { $code } é seu código para redefinir a senha de { $account } em { $host }. Não o passe a ninguém.
text-code-register = { $code } é seu código para cadastrar este número para { $account } em { $host }. Não o passe a ninguém.
mail-recovered-subject = A senha de { $account } em { $host } foi redefinida
mail-recovered =
    A senha de { $account } em { $host } foi redefinida em { $when }, por { $service } a partir de { $source }.

    Se foi você, está tudo bem.
    Se não foi você: redefina-a agora para barrar outras pessoas e avise seu administrador.
text-recovered = A senha de { $account } em { $host } foi redefinida em { $when } a partir de { $source }. Não foi você? Redefina-a agora e avise seu administrador.
mail-unlocked-subject = { $account } em { $host } foi desbloqueada
mail-unlocked =
    Muitas senhas erradas haviam bloqueado { $account } em { $host }. Em { $when } o bloqueio foi removido, por { $service } a partir de { $source }. A senha continua a mesma.

    Se foi você, está tudo bem.
    Se não foi você: avise seu administrador.
text-unlocked = { $account } em { $host } foi desbloqueada em { $when } a partir de { $source }. A senha continua a mesma. Não foi você? Avise seu administrador.
mail-contact-changed-subject = Os contatos de { $account } em { $host } foram alterados
mail-contact-changed =
    O que pode redefinir a senha de { $account } em { $host } foi alterado em { $when }, por { $service } a partir de { $source }.

    { $change }

    Se foi você, está tudo bem.
    Se não foi você: altere sua senha agora e avise seu administrador.
text-contact-changed = Redefinição de { $account } em { $host }: { $change } { $when }. Não foi você? Altere sua senha e avise seu administrador.
text-about-email = o endereço de e-mail { $contact }
text-about-phone = o telefone { $contact }
text-about-app = o aplicativo autenticador
text-change-added = Adicionado: { $what }.
text-change-announced = Será adicionado em { $from }, vindo do diretório: { $what }.
text-change-removed = Removido: { $what }.
text-change-preferred = Usado primeiro de agora em diante: { $what }.
text-change-codes = Há novos códigos de recuperação; os antigos não valem mais.
text-change-everything = Removido: tudo o que estava cadastrado.
mail-test-subject = Mensagem de teste de { $host }
mail-test =
    Este é um teste do e-mail que { $host } envia para redefinição de senhas.
    Um administrador o solicitou. Não traz código e não é preciso fazer nada.
text-test = Teste de { $host }: os SMS de redefinição de senha chegam. Não é preciso fazer nada.
text-source-shell = um shell nesta máquina
mail-blocked-subject = Redefinição em pausa para { $account } em { $host }
mail-blocked =
    Muitos códigos errados foram digitados para { $account } em { $host }, o último em { $when }, por { $service } a partir de { $source }.

    A redefinição por código fica em pausa por um tempo nesta conta. Sua senha funciona como antes.
    Se não foi você: alguém tentou entrar. Nada foi alterado; avise seu administrador.
text-blocked = Muitos códigos errados para { $account } em { $host }, o último a partir de { $source }. Redefinição em pausa por um tempo; sua senha continua valendo. Não foi você? Avise seu administrador.
mail-admin-recovered-subject = A senha do administrador { $account } em { $host } foi redefinida
mail-admin-recovered =
    A senha de { $account } em { $host } foi redefinida em { $when }, por { $service } a partir de { $source }. É uma conta de administrador.

    Se não foi { $account }: bloqueie a conta agora, por exemplo com "usermod -L { $account }", e consulte o journal.
mail-many-failures-subject = Muitos códigos errados em { $host }
mail-many-failures =
    Na hora anterior a { $when }, foram digitados em { $host } mais códigos errados do que [limits] failed_proofs_per_hour permite. O último veio por { $service } a partir de { $source }.

    Alguém pode estar adivinhando. Cada conta tem o próprio limite, portanto não há pressa; "sspr admin audit" mostra de quais contas se tratava e de onde. Até acabar, as respostas na redefinição demoram até um segundo a mais.
mail-failures-at-source-subject = Muitos códigos errados de uma só origem em { $host }
mail-failures-at-source =
    Na hora anterior a { $when }, uma só origem digitou em { $host } mais códigos errados do que a sua parte de [limits] failed_proofs_per_hour. O último veio por { $service } a partir de { $source }.

    Alguém pode estar adivinhando lá. Cada conta tem o próprio limite, portanto não há pressa; "sspr admin audit" mostra de quais contas se tratava. Até acabar, as respostas na redefinição demoram até um segundo a mais para essa origem, e para mais ninguém. Um e-mail assim chega no máximo uma vez por dia; as outras origens estão na trilha de auditoria.
